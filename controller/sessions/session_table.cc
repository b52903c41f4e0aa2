#include "controller/sessions/session_table.h"

#include <utility>

#include "common/base/errors.h"

namespace tutti::controller {

void SessionTable::Add(SessionId session,
                       std::shared_ptr<ControlStream> control) {
  if (ended_.has_value()) control->End(*ended_);
  sessions_[session].control = std::move(control);
}

void SessionTable::Remove(SessionId session) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return;
  if (found->second.output != nullptr) {
    found->second.output->End(Unavailable("the agent's session has ended"));
  }
  sessions_.erase(found);
}

void SessionTable::AddOutput(SessionId session,
                             std::shared_ptr<BulkStream> output) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) {
    output->End(Unavailable("the agent's session has ended"));
    return;
  }
  if (found->second.output != nullptr) {
    found->second.output->End(
        absl::AbortedError("a newer output stream has taken over"));
  }
  found->second.output = std::move(output);
}

void SessionTable::RemoveOutput(SessionId session, const BulkStream& output) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end() || found->second.output.get() != &output) return;
  found->second.output.reset();
}

void SessionTable::Send(SessionId session,
                        const v1::SessionResponse& response) {
  const auto found = sessions_.find(session);
  if (found != sessions_.end()) found->second.control->Send(response);
}

void SessionTable::Assign(SessionId session, const Assignment& assignment) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return;
  found->second.control->Assign(assignment);
}

void SessionTable::SendInput(SessionId session, const InputPiece& piece) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return;
  found->second.control->SendInput(piece);
}

void SessionTable::SendOutputCredit(SessionId session,
                                    const v1::SendOutputResponse& response) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end() || found->second.output == nullptr) return;
  found->second.output->SendCredit(response);
}

void SessionTable::End(SessionId session, const absl::Status& why) {
  const auto found = sessions_.find(session);
  if (found != sessions_.end()) found->second.control->End(why);
}

void SessionTable::EndAll(const absl::Status& why) {
  ended_ = why;
  for (auto& [session, streams] : sessions_) {
    if (streams.output != nullptr) streams.output->End(why);
    streams.control->End(why);
  }
}

}  // namespace tutti::controller
