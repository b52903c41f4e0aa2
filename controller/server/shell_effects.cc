#include "controller/server/shell_effects.h"

#include <utility>

namespace tutti::controller {

void ShellEffects::Send(SessionId session, v1::SessionResponse response) {
  sessions_.Send(session, response);
}

void ShellEffects::Assign(SessionId session, Assignment assignment) {
  sessions_.Assign(session, assignment);
}

void ShellEffects::SendInput(SessionId session, InputPiece piece) {
  sessions_.SendInput(session, piece);
}

void ShellEffects::ReadContent(
    ContentStep step,
    absl::AnyInvocable<void(absl::StatusOr<FedContent>)> done) {
  reader_.Post(
      [this, step = std::move(step), done = std::move(done)]() mutable {
        core_thread_.Post(
            [done = std::move(done),
             fed = step.feed->Step(contents_, step.requests, step.from)](
                Core&) mutable { std::move(done)(std::move(fed)); });
      });
}

void ShellEffects::SendOutputCredit(SessionId session,
                                    v1::SendOutputResponse response) {
  sessions_.SendOutputCredit(session, response);
}

void ShellEffects::EndSession(SessionId session, absl::Status why) {
  sessions_.End(session, why);
}

void ShellEffects::SendToWatch(WatchId watch, v1::WatchJobResponse response) {
  watches_.Send(watch, std::move(response));
}

void ShellEffects::EndWatch(WatchId watch, absl::Status status) {
  watches_.End(watch, status);
}

void ShellEffects::Commit(JournalBatch batch,
                          absl::AnyInvocable<void(absl::Status)> done) {
  journal_.Commit(std::move(batch), [this, done = std::move(done)](
                                        absl::Status status) mutable {
    core_thread_.Post(
        [done = std::move(done), status = std::move(status)](Core&) mutable {
          std::move(done)(std::move(status));
        });
  });
}

}  // namespace tutti::controller
