#include "tests/bench/swarm/executors.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/duration.h"
#include "common/records/record_log.h"

namespace tutti::bench {

void StartTimes::Note(absl::Time time) {
  first = std::min(first, time);
  last = std::max(last, time);
  ++count;
}

AnsweringRunner::AnsweringRunner(Executor& executor, StartTimes& starts,
                                 uint64_t output_bytes, Deliver deliver)
    : executor_(executor),
      starts_(starts),
      output_bytes_(output_bytes),
      deliver_(std::move(deliver)) {}

void AnsweringRunner::Greet() {
  runner::v1::RunnerMessage message;
  message.mutable_welcome()->set_version(1);
  deliver_(std::move(message));
  message.mutable_listing_complete();
  deliver_(std::move(message));
}

void AnsweringRunner::Start(const v1::AssignTask& task) {
  const absl::Time now = absl::Now();
  starts_.Note(now);
  runner::v1::RunnerMessage message;
  runner::v1::AttemptState& state = *message.mutable_state();
  *state.mutable_key() = task.key();
  state.mutable_status()->set_state(v1::TASK_STATE_COMPLETED);
  state.mutable_status()->mutable_outcome()->set_exit_status(0);
  *state.mutable_status()->mutable_started_at() = ToProto(now);
  *state.mutable_status()->mutable_ended_at() = ToProto(now);
  if (output_bytes_ > 0) {
    state.set_end_position(kLogHeaderBytes + kRecordHeaderBytes +
                           output_bytes_);
  }
  executor_.Post([this, message = std::move(message)]() mutable {
    deliver_(std::move(message));
  });
}

std::vector<std::string> Letters(uint64_t bytes, int different) {
  std::vector<std::string> texts;
  for (int i = 0; i < different; ++i) {
    texts.emplace_back(bytes, static_cast<char>('a' + i % 26));
  }
  return texts;
}

absl::StatusOr<SpoolReader::Batch> FewOutputs::Read(const v1::AttemptKey& key,
                                                    uint64_t, uint64_t end,
                                                    size_t) {
  SpoolReader::Batch batch;
  batch.next_position = end;
  v1::OutputChunk chunk;
  chunk.set_stream(v1::OUTPUT_STREAM_STDOUT);
  chunk.set_position(kLogHeaderBytes);
  chunk.set_next_position(end);
  *chunk.mutable_time() = ToProto(absl::Now());
  chunk.set_data(
      texts_[std::hash<std::string>()(key.target()) % texts_.size()]);
  batch.chunks.push_back(std::move(chunk));
  return batch;
}

void SharedRunner::Start(const v1::AssignTask& task) {
  starts_.Note(absl::Now());
  client_.Start(relay::ToStartAttempt(task));
}

}  // namespace tutti::bench
