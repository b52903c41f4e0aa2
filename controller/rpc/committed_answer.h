// Answers that must be true after a restart as well.
#ifndef CONTROLLER_RPC_COMMITTED_ANSWER_H_
#define CONTROLLER_RPC_COMMITTED_ANSWER_H_

#include <utility>

#include "absl/status/status.h"
#include "controller/core/core.h"
#include "controller/rpc/responder.h"

namespace tutti::controller {

// Commits `batch` and then gives `answer`; `status` instead when that is an
// error, the journal's error when the commit fails. On the core thread.
template <typename Response>
void AnswerWhenCommitted(Effects& effects, const absl::Status& status,
                         // NOLINTNEXTLINE(performance-unnecessary-value-param)
                         JournalBatch batch, Response answer,
                         Responder<Response> responder) {
  if (!status.ok()) {
    responder(status);
    return;
  }
  if (batch.empty()) {
    responder(std::move(answer));
    return;
  }
  effects.Commit(std::move(batch),
                 [answer = std::move(answer),
                  responder = std::move(responder)](absl::Status done) mutable {
                   if (done.ok()) {
                     responder(std::move(answer));
                   } else {
                     responder(std::move(done));
                   }
                 });
}

}  // namespace tutti::controller

#endif  // CONTROLLER_RPC_COMMITTED_ANSWER_H_
