#include "controller/rpc/watch_table.h"

#include <utility>

#include "controller/rpc/watch_stream.h"

namespace tutti::controller {

void WatchTable::Add(WatchId watch, std::shared_ptr<WatchStream> stream) {
  if (ended_.has_value()) {
    stream->End(*ended_);
    return;
  }
  watches_[watch] = std::move(stream);
}

bool WatchTable::Remove(WatchId watch) { return watches_.erase(watch) == 1; }

void WatchTable::Send(WatchId watch, v1::WatchJobResponse response) {
  const auto found = watches_.find(watch);
  if (found != watches_.end()) found->second->Send(std::move(response));
}

void WatchTable::End(WatchId watch, const absl::Status& status) {
  const auto found = watches_.find(watch);
  if (found == watches_.end()) return;
  found->second->End(status);
  watches_.erase(found);
}

void WatchTable::EndAll(const absl::Status& status) {
  ended_ = status;
  for (auto& [watch, stream] : watches_) stream->End(status);
  watches_.clear();
}

}  // namespace tutti::controller
