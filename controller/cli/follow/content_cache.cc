#include "controller/cli/follow/content_cache.h"

#include <utility>

#include "common/base/errors.h"

namespace tutti::cli {

absl::Status ContentCache::Remember(uint64_t id, SharedBytes content) {
  if (id == 0) return InvalidArgument("content ids count from 1, not 0");
  entries_[id % kReach] = Entry{id, std::move(content)};
  return absl::OkStatus();
}

absl::StatusOr<SharedBytes> ContentCache::Find(uint64_t id) const {
  const Entry& entry = entries_[id % kReach];
  if (id == 0 || entry.id != id) {
    return DataLoss(
        "the controller refers to output {} that it did not send; "
        "'tutti job receive' fetches it again",
        id);
  }
  return entry.content;
}

}  // namespace tutti::cli
