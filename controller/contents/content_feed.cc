#include "controller/contents/content_feed.h"

#include <algorithm>
#include <string_view>

#include "common/base/status_macros.h"
#include "common/signing/input_chunk.h"
#include "controller/contents/content_store.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti::controller {
namespace {

uint64_t ChunksOf(size_t bytes) {
  return (bytes + kMaxInputChunkBytes - 1) / kMaxInputChunkBytes;
}

}  // namespace

std::shared_ptr<const std::string> MakeContentChunk(
    const v1::AttemptKey& key, uint64_t number,
    std::optional<std::string_view> data) {
  v1::InputChunk chunk;
  chunk.set_job_uuid(key.job_uuid());
  chunk.set_attempt(key.attempt());
  chunk.set_number(number);
  if (data.has_value()) {
    chunk.set_data(data->data(), data->size());
  } else {
    chunk.mutable_end();
  }
  v1::SignedInput input;
  chunk.SerializeToString(input.mutable_chunk());
  return std::make_shared<const std::string>(input.SerializeAsString());
}

absl::StatusOr<FedContent> ContentFeed::Step(ContentStore& store,
                                             std::string_view requests,
                                             uint64_t from) {
  if (!answers_.has_value()) {
    TUTTI_ASSIGN_OR_RETURN(pack_, store.Read(digest_));
    answers_.emplace(*pack_);
  }
  TUTTI_RETURN_IF_ERROR(answers_->OnRequests(requests));
  FedContent fed;
  while (fed.chunks.empty() && answers_->ready()) {
    const uint64_t end = next_ + ChunksOf(answers_->NextBytes());
    if (from >= end) {
      answers_->Skip();
    } else {
      absl::StatusOr<std::string> frame = answers_->Next();
      if (!frame.ok()) {
        store.Forget(digest_, *pack_);
        return frame.status();
      }
      fed.number = std::max(next_, from);
      fed.chunks = Cut(*frame, fed.number);
    }
    next_ = end;
  }
  fed.more = answers_->ready();
  return fed;
}

ContentChunks ContentFeed::Cut(std::string_view frame, uint64_t from) const {
  ContentChunks chunks;
  const uint64_t end = next_ + ChunksOf(frame.size());
  chunks.reserve(end - from);
  for (uint64_t number = from; number < end; ++number) {
    chunks.push_back(
        MakeContentChunk(key_, number,
                         frame.substr((number - next_) * kMaxInputChunkBytes,
                                      kMaxInputChunkBytes)));
  }
  return chunks;
}

}  // namespace tutti::controller
