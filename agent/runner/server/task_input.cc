#include "agent/runner/server/task_input.h"

#include <optional>
#include <utility>

#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/signing/input_chunk.h"

namespace tutti::runner {

absl::StatusOr<std::unique_ptr<TaskInput>> TaskInput::Create(
    EventLoop& loop, InputRules rules, InputWriter::Line line,
    absl::AnyInvocable<void()> on_progress) {
  return Make(loop, std::move(rules), {}, std::move(line),
              std::move(on_progress));
}

absl::StatusOr<std::unique_ptr<TaskInput>> TaskInput::Make(
    EventLoop& loop, InputRules rules, InputVerifier::Progress progress,
    InputWriter::Line line, absl::AnyInvocable<void()> on_progress) {
  TUTTI_ASSIGN_OR_RETURN(
      InputVerifier verifier,
      InputVerifier::Create(rules.public_key, rules.key, line.is_terminal,
                            std::move(progress)));
  TUTTI_ASSIGN_OR_RETURN(
      std::unique_ptr<InputWriter> writer,
      InputWriter::Create(loop, std::move(line), std::move(on_progress)));
  return std::unique_ptr<TaskInput>(
      new TaskInput(std::move(rules), std::move(verifier), std::move(writer)));
}

absl::StatusOr<std::unique_ptr<TaskInput>> TaskInput::TakeUp(
    EventLoop& loop, tutti::v1::AttemptKey key, const v1::HandedInput& handed,
    InputWriter::Line line, absl::AnyInvocable<void()> on_progress) {
  std::optional<std::string> public_key;
  if (handed.has_public_key()) public_key = handed.public_key();
  TUTTI_ASSIGN_OR_RETURN(std::unique_ptr<TaskInput> input,
                         Make(loop, {std::move(public_key), std::move(key)},
                              {handed.received(), handed.previous()},
                              std::move(line), std::move(on_progress)));
  input->given_before_ =
      handed.received() - static_cast<uint64_t>(handed.waiting_size());
  input->writer_->Skip(handed.given_bytes());
  for (const std::string& bytes : handed.waiting()) {
    tutti::v1::InputChunk chunk;
    if (!chunk.ParseFromString(bytes)) {
      return DataLoss("the input that an earlier runner left is damaged");
    }
    input->writer_->Give(std::move(chunk));
  }
  return input;
}

void TaskInput::Accept(std::string_view signed_input) {
  if (writer_->closed() || writer_->waiting().size() >= kMaxInputChunksAhead) {
    return;
  }
  absl::StatusOr<std::optional<tutti::v1::InputChunk>> chunk =
      verifier_.Check(signed_input);
  if (chunk.ok()) {
    if (chunk->has_value()) writer_->Give(**std::move(chunk));
  } else if (!std::exchange(refusal_logged_, true)) {
    const absl::StatusOr<Uuid> job = Uuid::FromBytes(rules_.key.job_uuid());
    log::Warning("input of job {} was ignored: {}",
                 job.ok() ? job->ToString() : "without a UUID",
                 TextOf(chunk.status()));
  }
}

InputState TaskInput::state() const {
  return {.taken = given_before_ + writer_->given(),
          .waits = !writer_->waiting().empty(),
          .closed = writer_->closed()};
}

void TaskInput::Describe(v1::HandedInput& handed) const {
  handed.set_file_descriptor(writer_->descriptor());
  if (rules_.public_key.has_value()) handed.set_public_key(*rules_.public_key);
  handed.set_received(verifier_.progress().received);
  handed.set_previous(verifier_.progress().previous);
  for (const tutti::v1::InputChunk& chunk : writer_->waiting()) {
    handed.add_waiting(chunk.SerializeAsString());
  }
  handed.set_given_bytes(writer_->given_bytes());
}

}  // namespace tutti::runner
