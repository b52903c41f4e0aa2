#include "controller/local/local_session.h"

#include <utility>

#include "common/base/errors.h"

namespace tutti::controller {

bool LocalSession::Backlog::Add(size_t more) {
  bytes += more;
  if (bytes > kMaxUnprocessedBytes) full = true;
  return !full;
}

bool LocalSession::Backlog::Take(size_t less) {
  bytes -= less;
  if (!full || bytes > kMaxUnprocessedBytes / 2) return false;
  full = false;
  return true;
}

void LocalSession::PostToHost(Executor::Task task) {
  executor_.Post([self = shared_from_this(), task = std::move(task)]() mutable {
    if (!self->closed_) task();
  });
}

void LocalSession::SendHello(v1::AgentHello hello) {
  core_thread_.Post(
      [self = shared_from_this(), hello = std::move(hello)](Core& core) {
        self->table_.Add(self->id_, self);
        self->table_.AddOutput(self->id_, self);
        core.OnLocalHello(self->id_, hello);
      });
}

bool LocalSession::SendReport(v1::AgentReport report) {
  const size_t bytes = report.ByteSizeLong();
  core_thread_.Post([self = shared_from_this(), report = std::move(report),
                     bytes](Core& core) mutable {
    core.OnReport(self->id_, std::move(report));
    self->PostToHost([self = self.get(), bytes] {
      if (self->reports_.Take(bytes)) self->listener_.OnReportsWritable();
    });
  });
  return reports_.Add(bytes);
}

bool LocalSession::SendOutput(v1::SendOutputRequest request) {
  const size_t bytes = request.ByteSizeLong();
  core_thread_.Post([self = shared_from_this(), request = std::move(request),
                     bytes](Core& core) mutable {
    core.OnOutput(self->id_, std::move(request));
    self->PostToHost([self = self.get(), bytes] {
      if (self->output_.Take(bytes)) self->listener_.OnOutputWritable();
    });
  });
  return output_.Add(bytes);
}

void LocalSession::Close() {
  closed_ = true;
  core_thread_.Post([self = shared_from_this()](Core& core) {
    self->table_.Remove(self->id_);
    core.OnSessionClosed(self->id_);
  });
}

void LocalSession::Deliver(v1::SessionResponse message) {
  const size_t bytes = message.ByteSizeLong();
  const size_t waiting = undelivered_bytes_.fetch_add(bytes) + bytes;
  if (waiting > kMaxUnsentBytes) {
    End(ResourceExhausted("{} bytes wait for the host's own thread", waiting));
    return;
  }
  PostToHost([this, message = std::move(message), bytes]() mutable {
    undelivered_bytes_.fetch_sub(bytes);
    listener_.OnSessionMessage(std::move(message));
  });
}

void LocalSession::Send(const v1::SessionResponse& response) {
  Deliver(response);
}

void LocalSession::Assign(const Assignment& assignment) {
  v1::SessionResponse message;
  v1::AssignTask& assign = *message.mutable_assign();
  assign = assignment.rest;
  assign.set_envelope(*assignment.envelope);
  Deliver(std::move(message));
}

void LocalSession::SendInput(const InputPiece& piece) {
  v1::SessionResponse message;
  v1::TaskInput& input = *message.mutable_input();
  *input.mutable_key() = piece.key;
  input.set_number(piece.number);
  for (const auto& chunk : piece.chunks) input.add_chunks(*chunk);
  Deliver(std::move(message));
}

void LocalSession::SendCredit(const v1::SendOutputResponse& response) {
  PostToHost([this, response] { listener_.OnCredit(response); });
}

void LocalSession::End(const absl::Status& why) {
  PostToHost([this, why] { listener_.OnEnded(why); });
}

}  // namespace tutti::controller
