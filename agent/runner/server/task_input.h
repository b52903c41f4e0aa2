// The input of one task: what an operator signed, on its way to the process.
#ifndef AGENT_RUNNER_SERVER_TASK_INPUT_H_
#define AGENT_RUNNER_SERVER_TASK_INPUT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "agent/runner/core/attempt.h"
#include "agent/runner/processes/event_loop.h"
#include "agent/runner/processes/input_writer.h"
#include "common/signing/input_verifier.h"
#include "tutti/runner/v1/held_task.pb.h"
#include "tutti/v1/task.pb.h"

namespace tutti::runner {

// What it takes to check the input of a task.
struct InputRules {
  // v1::StreamInput's; absent: the process checks its input itself.
  std::optional<std::string> public_key;
  tutti::v1::AttemptKey key;
};

// Verifies each chunk, and keeps at most kMaxInputChunksAhead of them until the
// process takes them; what comes beyond that, again or unsigned is ignored. One
// thread only, the loop's.
class TaskInput {
 public:
  // `on_progress` is InputWriter's.
  static absl::StatusOr<std::unique_ptr<TaskInput>> Create(
      EventLoop& loop, InputRules rules, InputWriter::Line line,
      absl::AnyInvocable<void()> on_progress);
  // Goes on where a runner stood that was this process before.
  static absl::StatusOr<std::unique_ptr<TaskInput>> TakeUp(
      EventLoop& loop, tutti::v1::AttemptKey key, const v1::HandedInput& handed,
      InputWriter::Line line, absl::AnyInvocable<void()> on_progress);

  // A serialised v1::SignedInput.
  void Accept(std::string_view signed_input);

  InputState state() const;
  // While it is not closed.
  void Describe(v1::HandedInput& handed) const;

 private:
  TaskInput(InputRules rules, InputVerifier verifier,
            std::unique_ptr<InputWriter> writer)
      : rules_(std::move(rules)),
        verifier_(std::move(verifier)),
        writer_(std::move(writer)) {}
  static absl::StatusOr<std::unique_ptr<TaskInput>> Make(
      EventLoop& loop, InputRules rules, InputVerifier::Progress progress,
      InputWriter::Line line, absl::AnyInvocable<void()> on_progress);

  const InputRules rules_;
  InputVerifier verifier_;
  const std::unique_ptr<InputWriter> writer_;
  // Chunks that the process was given before this object came into being.
  uint64_t given_before_ = 0;
  bool refusal_logged_ = false;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_SERVER_TASK_INPUT_H_
