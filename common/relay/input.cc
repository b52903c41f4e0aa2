// Input on its way from the controller to the runner.
#include <algorithm>
#include <string>
#include <utility>

#include "common/jobs/states.h"
#include "common/relay/core.h"
#include "common/signing/input_chunk.h"

namespace tutti::relay {

void Core::OnInput(v1::TaskInput input) {
  Attempt* attempt = Find(input.key());
  // The controller sends it when the attempt was reported to run.
  if (attempt == nullptr || attempt->input_closed ||
      IsFinal(attempt->status.state())) {
    return;
  }
  WaitingInput& waiting = attempt->input;
  uint64_t number = input.number();
  for (std::string& chunk : *input.mutable_chunks()) {
    const uint64_t next = waiting.first + waiting.chunks.size();
    if (number++ < next) continue;
    // A controller that keeps to what it may send leaves no gap.
    if (number > next + 1 || waiting.chunks.size() == kMaxInputChunksAhead ||
        chunk.size() > kMaxSignedInputBytes) {
      return;
    }
    waiting.chunks.push_back(std::move(chunk));
    if (runner_ready()) {
      runner_port_.GiveInput(attempt->key, waiting.chunks.back());
    }
  }
}

void Core::TakeInputState(const runner::v1::AttemptState& state,
                          Attempt& attempt) {
  attempt.input_closed = state.input_closed();
  WaitingInput& waiting = attempt.input;
  while (!waiting.chunks.empty() &&
         (waiting.first < state.input_taken() || attempt.input_closed)) {
    waiting.chunks.pop_front();
    ++waiting.first;
  }
  waiting.first = std::max(waiting.first, state.input_taken());
}

void Core::RepeatInput(const Attempt& attempt) {
  for (const std::string& chunk : attempt.input.chunks) {
    runner_port_.GiveInput(attempt.key, chunk);
  }
}

}  // namespace tutti::relay
