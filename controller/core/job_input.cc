#include "controller/core/job_input.h"

#include <algorithm>
#include <utility>

#include "common/base/errors.h"
#include "common/signing/input_chunk.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti::controller {
namespace {

// The signature is for the targets to check.
bool IsEnd(const std::string& signed_input) {
  v1::SignedInput input;
  v1::InputChunk chunk;
  return input.ParseFromString(signed_input) &&
         chunk.ParseFromString(input.chunk()) && chunk.has_end();
}

}  // namespace

JobInput::JobInput(uint32_t tasks, absl::Time now)
    : heard_at_(now), places_(tasks) {
  if (tasks > 0) places_open_[0] = tasks;
}

uint64_t JobInput::taken() const {
  return closed() ? next() : places_open_.begin()->first;
}

uint64_t JobInput::credit() const { return taken() + kMaxInputChunksAhead; }

bool JobInput::HasRoom() const {
  const uint64_t most = credit();
  return next() + kWorthwhileRoom <= most ||
         (next() < most && taken() == next());
}

absl::Status JobInput::Take(const v1::SendInputRequest& request,
                            absl::Time now) {
  heard_at_ = now;
  if (!std::exchange(begun_, true)) {
    for (uint32_t task = 0; task < places_.size(); ++task) {
      if (places_[task].taken < request.kept()) {
        SetTaken(task, request.kept(), now);
      }
    }
    first_ = std::max(first_, request.kept());
  }
  const auto count = static_cast<uint64_t>(request.chunks_size());
  // After a restart here the answer says where to go on.
  if (request.number() > next() || complete_ || closed()) {
    return absl::OkStatus();
  }
  if (request.number() + count > credit()) {
    return InvalidArgument(
        "{} chunks of input from {} on are more than there was room for ({}); "
        "send what the last answer allowed",
        count, request.number(), credit() - request.number());
  }
  for (const std::string& chunk : request.chunks()) {
    if (chunk.size() <= kMaxSignedInputBytes) continue;
    return InvalidArgument(
        "a chunk of input has {} bytes, a target takes {} at most; send "
        "smaller ones",
        chunk.size(), kMaxSignedInputBytes);
  }
  const uint64_t before = next();
  for (uint64_t i = before - request.number(); i < count; ++i) {
    chunks_.push_back(std::make_shared<const std::string>(
        request.chunks(static_cast<int>(i))));
  }
  complete_ = next() > before && IsEnd(*chunks_.back());
  Trim(now);
  return absl::OkStatus();
}

void JobInput::Leave(uint64_t taken) {
  const auto found = places_open_.find(taken);
  if (--found->second == 0) places_open_.erase(found);
}

void JobInput::SetTaken(uint32_t task, uint64_t taken, absl::Time now) {
  Place& place = places_[task];
  if (place.closed || taken <= place.taken) return;
  Leave(place.taken);
  place.taken = taken;
  ++places_open_[taken];
  Trim(now);
}

void JobInput::Close(uint32_t task, absl::Time now) {
  Place& place = places_[task];
  if (std::exchange(place.closed, true)) return;
  Leave(place.taken);
  Trim(now);
}

void JobInput::Trim(absl::Time now) {
  const uint64_t before = first_;
  while (!chunks_.empty() && (closed() || first_ < taken())) {
    chunks_.pop_front();
    ++first_;
  }
  if (!closed()) first_ = std::max(first_, taken());
  const bool held_up = !closed() && !complete_ && !HasRoom();
  if (!held_up) {
    held_up_since_ = absl::InfiniteFuture();
  } else if (first_ != before || held_up_since_ == absl::InfiniteFuture()) {
    held_up_since_ = now;
  }
}

InputPiece JobInput::TakeFor(uint32_t task, SessionId session) {
  Place& place = places_[task];
  InputPiece piece;
  if (place.closed) return piece;
  if (place.session != session) {
    place.session = session;
    place.sent = place.taken;
  }
  piece.number = std::max({place.sent, place.taken, first_});
  const uint64_t end = std::min(next(), place.taken + kMaxInFlight);
  for (uint64_t number = piece.number; number < end; ++number) {
    piece.chunks.push_back(chunks_[number - first_]);
  }
  place.sent = piece.number + piece.chunks.size();
  return piece;
}

std::vector<uint32_t> JobInput::Slowest() const {
  std::vector<uint32_t> slowest;
  if (closed()) return slowest;
  for (uint32_t task = 0; task < places_.size(); ++task) {
    const Place& place = places_[task];
    if (!place.closed && place.taken == taken()) slowest.push_back(task);
  }
  return slowest;
}

}  // namespace tutti::controller
