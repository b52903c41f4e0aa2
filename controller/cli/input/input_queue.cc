#include "controller/cli/input/input_queue.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "common/signing/input_chunk.h"

namespace tutti::cli {
namespace {

// In one call: large enough that calls cost nothing, small enough that what is
// typed behind it need not wait for long.
constexpr uint64_t kMaxChunksInCall = 32;

}  // namespace

absl::Status InputQueue::Add(v1::InputChunk chunk) {
  TUTTI_ASSIGN_OR_RETURN(std::string input, signer_.Sign(std::move(chunk)));
  if (!closed_) chunks_.push_back(std::move(input));
  return absl::OkStatus();
}

absl::Status InputQueue::AddData(std::string data) {
  v1::InputChunk chunk;
  chunk.set_data(std::move(data));
  return Add(std::move(chunk));
}

absl::Status InputQueue::AddWindowSize(const v1::WindowSize& size) {
  v1::InputChunk chunk;
  *chunk.mutable_window_size() = size;
  return Add(std::move(chunk));
}

absl::Status InputQueue::AddEnd() {
  v1::InputChunk chunk;
  chunk.mutable_end();
  ended_ = true;
  return Add(std::move(chunk));
}

bool InputQueue::has_room() const {
  return !closed_ && !ended_ && chunks_.size() < kMaxInputChunksAhead;
}

bool InputQueue::has_work() const {
  return !closed_ && next_ < std::min(credit_, first_ + chunks_.size());
}

v1::SendInputRequest InputQueue::MakeRequest() const {
  v1::SendInputRequest request;
  request.set_kept(first_);
  request.set_number(next_);
  const uint64_t end =
      std::min({credit_, first_ + chunks_.size(), next_ + kMaxChunksInCall});
  for (uint64_t number = next_; number < end; ++number) {
    request.add_chunks(chunks_[number - first_]);
  }
  return request;
}

void InputQueue::OnAnswer(const v1::SendInputResponse& response) {
  closed_ = closed_ || response.closed();
  while (!chunks_.empty() && (closed_ || first_ < response.taken())) {
    chunks_.pop_front();
    ++first_;
  }
  next_ = std::max(response.next(), first_);
  credit_ = response.credit();
}

}  // namespace tutti::cli
