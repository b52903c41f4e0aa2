// The controller sends output that is the same on many targets once and then
// refers back to it.
#ifndef CONTROLLER_CLI_FOLLOW_CONTENT_CACHE_H_
#define CONTROLLER_CLI_FOLLOW_CONTENT_CACHE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tutti::cli {

// Output as it came. Shared, because many tasks may have said the same.
using SharedBytes = std::shared_ptr<const std::string>;

// The chunks that `same_as` of one WatchJob stream may refer to; a new stream
// wants a new cache. Not thread-safe.
class ContentCache {
 public:
  // How far back a reference may reach, in ids (jobs.proto, WatchedOutput).
  static constexpr uint64_t kReach = 256;

  // Ids count up from 1. INVALID_ARGUMENT for id 0.
  absl::Status Remember(uint64_t id, SharedBytes content);
  // DATA_LOSS when that id never came or lies too far back.
  absl::StatusOr<SharedBytes> Find(uint64_t id) const;

 private:
  struct Entry {
    uint64_t id = 0;
    SharedBytes content;
  };
  // Entry of an id at id % kReach.
  std::vector<Entry> entries_ = std::vector<Entry>(kReach);
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_CONTENT_CACHE_H_
