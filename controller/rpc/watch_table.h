// The WatchJob calls that are open now.
#ifndef CONTROLLER_RPC_WATCH_TABLE_H_
#define CONTROLLER_RPC_WATCH_TABLE_H_

#include <atomic>
#include <memory>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "controller/core/core.h"

namespace tutti::controller {

class WatchStream;

// Finds the calls that the core's effects are for. Used on the core thread
// only, but for NewId.
class WatchTable {
 public:
  // Thread-safe.
  WatchId NewId() { return next_id_++; }

  void Add(WatchId watch, std::shared_ptr<WatchStream> stream);
  // False when it is gone.
  bool Remove(WatchId watch);
  bool Contains(WatchId watch) const { return watches_.contains(watch); }

  // Each is without effect when the watch is gone.
  void Send(WatchId watch, v1::WatchJobResponse response);
  void End(WatchId watch, const absl::Status& status);

  // Ends all watches, and those that come from now on.
  void EndAll(const absl::Status& status);

 private:
  std::atomic<WatchId> next_id_ = 1;
  // Shared with gRPC, which may still be about to end them.
  absl::flat_hash_map<WatchId, std::shared_ptr<WatchStream>> watches_;
  std::optional<absl::Status> ended_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_RPC_WATCH_TABLE_H_
