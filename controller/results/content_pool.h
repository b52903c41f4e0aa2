// Bytes of output, each kept once.
#ifndef CONTROLLER_RESULTS_CONTENT_POOL_H_
#define CONTROLLER_RESULTS_CONTENT_POOL_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace tutti::controller {

class ContentPool;

// Bytes in a pool, shared by those who refer to them.
struct Content {
  std::string data;
  // Never given to other content again.
  uint64_t id = 0;
  uint32_t references = 0;
  // Found by content; false for what is too large for that.
  bool interned = false;
  ContentPool* pool = nullptr;
};

// Keeps content alive. The pool must outlive it. Not thread-safe.
class ContentReference {
 public:
  ContentReference() = default;
  explicit ContentReference(Content* content);
  ContentReference(const ContentReference& other)
      : ContentReference(other.content_) {}
  ContentReference(ContentReference&& other) noexcept
      : content_(std::exchange(other.content_, nullptr)) {}
  ContentReference& operator=(ContentReference other) noexcept {
    std::swap(content_, other.content_);
    return *this;
  }
  ~ContentReference();

  const Content* get() const { return content_; }
  const Content* operator->() const { return content_; }
  explicit operator bool() const { return content_ != nullptr; }

 private:
  Content* content_ = nullptr;
};

// Output that is the same on many targets is kept once. Not thread-safe.
class ContentPool {
 public:
  // Larger content is kept, but not looked up: it is hardly ever the same
  // twice, and hashing bulk costs.
  static constexpr size_t kLargestInterned = 64 << 10;
  // What content costs beyond its bytes, about.
  static constexpr size_t kOverhead = 128;

  ContentPool() = default;
  ContentPool(const ContentPool&) = delete;
  ContentPool& operator=(const ContentPool&) = delete;

  ContentReference Add(std::string data);
  // What all content costs now.
  uint64_t bytes() const { return bytes_; }

 private:
  friend class ContentReference;
  struct Hash {
    size_t operator()(std::string_view data) const {
      return std::hash<std::string_view>()(data);
    }
  };
  void Drop(Content* content);

  uint64_t bytes_ = 0;
  uint64_t next_id_ = 1;
  // Keys are the data of their values.
  absl::flat_hash_map<std::string_view, Content*, Hash> interned_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_RESULTS_CONTENT_POOL_H_
