// Which tasks said the same.
#ifndef CONTROLLER_CLI_FOLLOW_GATHERER_H_
#define CONTROLLER_CLI_FOLLOW_GATHERER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "controller/cli/follow/content_cache.h"

namespace tutti::cli {

// 64 bits over bytes that come in pieces; the same however they are cut. Not
// for security: equal digests are compared byte by byte.
class RollingDigest {
 public:
  void Append(std::string_view data);
  uint64_t Finish() const;

 private:
  void Mix(uint64_t word);

  uint64_t state_ = 0x9e3779b97f4a7c15;
  // Bytes that do not fill a word yet, the first one lowest.
  uint64_t partial_ = 0;
  uint32_t partial_bytes_ = 0;
  uint64_t size_ = 0;
};

// The output of one stream of every task, and who shares it. Equal chunks of
// many tasks are held once. Not thread-safe.
class Gatherer {
 public:
  explicit Gatherer(size_t tasks) : texts_(tasks) {}

  void Append(size_t task, SharedBytes content);
  uint64_t size(size_t task) const { return texts_[task].size; }
  // Bytes that are held because of `task`, as if it shared them with nobody.
  const std::vector<SharedBytes>& chunks(size_t task) const {
    return texts_[task].chunks;
  }
  // Forgets what `task` said.
  void Forget(size_t task) { texts_[task] = Text(); }

  // Tasks with equal output, in ascending order; the groups in order of their
  // first tasks. Tasks without output are in no group. An unfinished last line
  // counts as finished.
  std::vector<std::vector<size_t>> Groups() const;
  // What `task` said is how what `other` said begins.
  bool Begins(size_t task, size_t other) const;
  // What a task said, with its last line finished.
  void AppendText(size_t task, std::string& text) const;
  // Its last `count` lines, an unfinished one included.
  std::vector<std::string> LastLines(size_t task, size_t count) const;

 private:
  struct Text {
    std::vector<SharedBytes> chunks;
    RollingDigest digest;
    uint64_t size = 0;
  };
  struct Key {
    uint64_t digest;
    uint64_t size;
    friend bool operator==(const Key&, const Key&) = default;
    template <typename H>
    friend H AbslHashValue(H h, const Key& key) {
      return H::combine(std::move(h), key.digest, key.size);
    }
  };
  static bool EndsLine(const Text& text);
  static Key KeyOf(const Text& text);
  static bool IsSame(const Text& left, const Text& right);

  std::vector<Text> texts_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_GATHERER_H_
