// What the core wants done, done.
#ifndef CONTROLLER_SERVER_SHELL_EFFECTS_H_
#define CONTROLLER_SERVER_SHELL_EFFECTS_H_

#include "controller/contents/content_store.h"
#include "controller/core/core.h"
#include "controller/core_thread/core_thread.h"
#include "controller/journal/journal.h"
#include "controller/rpc/watch_table.h"
#include "controller/rpc/worker_thread.h"
#include "controller/sessions/session_table.h"

namespace tutti::controller {

// Hands effects to streams and journal. Used on the core thread only.
class ShellEffects final : public Effects {
 public:
  // `reader` reads `contents`.
  ShellEffects(SessionTable& sessions, WatchTable& watches, Journal& journal,
               CoreThread& core_thread, WorkerThread& reader,
               ContentStore& contents)
      : sessions_(sessions),
        watches_(watches),
        journal_(journal),
        core_thread_(core_thread),
        reader_(reader),
        contents_(contents) {}

  void Send(SessionId session, v1::SessionResponse response) override;
  void Assign(SessionId session, Assignment assignment) override;
  void SendInput(SessionId session, InputPiece piece) override;
  void ReadContent(
      ContentStep step,
      absl::AnyInvocable<void(absl::StatusOr<FedContent>)> done) override;
  void SendOutputCredit(SessionId session,
                        v1::SendOutputResponse response) override;
  void EndSession(SessionId session, absl::Status why) override;
  void SendToWatch(WatchId watch, v1::WatchJobResponse response) override;
  void EndWatch(WatchId watch, absl::Status status) override;
  void Commit(JournalBatch batch,
              absl::AnyInvocable<void(absl::Status)> done) override;

 private:
  SessionTable& sessions_;
  WatchTable& watches_;
  Journal& journal_;
  CoreThread& core_thread_;
  WorkerThread& reader_;
  ContentStore& contents_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_SERVER_SHELL_EFFECTS_H_
