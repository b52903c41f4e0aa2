#include "controller/results/content_pool.h"

#include <memory>

namespace tutti::controller {

ContentReference::ContentReference(Content* content) : content_(content) {
  if (content_ != nullptr) ++content_->references;
}

ContentReference::~ContentReference() {
  if (content_ != nullptr && --content_->references == 0) {
    content_->pool->Drop(content_);
  }
}

ContentReference ContentPool::Add(std::string data) {
  const bool interned = data.size() <= kLargestInterned;
  if (interned) {
    const auto known = interned_.find(std::string_view(data));
    if (known != interned_.end()) return ContentReference(known->second);
  }
  auto content = std::make_unique<Content>();
  content->data = std::move(data);
  content->id = next_id_++;
  content->interned = interned;
  content->pool = this;
  bytes_ += content->data.size() + kOverhead;
  if (interned) interned_.emplace(content->data, content.get());
  return ContentReference(content.release());
}

void ContentPool::Drop(Content* content) {
  const std::unique_ptr<Content> owned(content);
  bytes_ -= content->data.size() + kOverhead;
  if (content->interned) interned_.erase(std::string_view(content->data));
}

}  // namespace tutti::controller
