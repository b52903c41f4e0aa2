// Which content a watcher has been sent lately.
#ifndef CONTROLLER_CORE_CONTENT_IDS_H_
#define CONTROLLER_CORE_CONTENT_IDS_H_

#include <cstdint>
#include <deque>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "controller/results/content_pool.h"

namespace tutti::controller {

// Numbers content on one stream, counting from 1, so that content that comes
// again is named rather than sent. Remembers the last kWindow. Keeps no
// content alive: content is known by an id that is never given again. Not
// thread-safe.
class ContentIds {
 public:
  static constexpr size_t kWindow = 256;
  // Less than a reference costs.
  static constexpr size_t kSmallest = 16;

  // Whether it is worth a number.
  static bool IsNumbered(const Content& content) {
    return content.interned && content.data.size() >= kSmallest;
  }

  // The number that it was sent under, while both ends remember it.
  std::optional<uint64_t> Find(const Content& content) const {
    const auto found = numbers_.find(content.id);
    if (found == numbers_.end()) return std::nullopt;
    return found->second;
  }

  // Gives it the next number.
  uint64_t Add(const Content& content) {
    recent_.push_back(content.id);
    numbers_[content.id] = ++last_;
    if (recent_.size() > kWindow) {
      numbers_.erase(recent_.front());
      recent_.pop_front();
    }
    return last_;
  }

 private:
  uint64_t last_ = 0;
  std::deque<uint64_t> recent_;
  // Content's id to number on the stream.
  absl::flat_hash_map<uint64_t, uint64_t> numbers_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_CONTENT_IDS_H_
