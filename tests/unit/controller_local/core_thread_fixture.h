// A core on its thread, whose streams are those of a table.
#ifndef TESTS_UNIT_CONTROLLER_LOCAL_CORE_THREAD_FIXTURE_H_
#define TESTS_UNIT_CONTROLLER_LOCAL_CORE_THREAD_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "controller/core_thread/core_thread.h"
#include "controller/sessions/session_table.h"
#include "tests/support/fake_clock.h"

namespace tutti::testing {

// What goes to sessions goes there, and the journal takes everything.
class TableEffects final : public controller::Effects {
 public:
  TableEffects(controller::SessionTable& sessions,
               controller::CoreThread& core_thread)
      : sessions_(sessions), core_thread_(core_thread) {}

  void Send(controller::SessionId session,
            v1::SessionResponse response) override {
    sessions_.Send(session, response);
  }
  void Assign(controller::SessionId session,
              controller::Assignment assignment) override {
    sessions_.Assign(session, assignment);
  }
  void SendInput(controller::SessionId session,
                 controller::InputPiece piece) override {
    sessions_.SendInput(session, piece);
  }
  void SendOutputCredit(controller::SessionId session,
                        v1::SendOutputResponse response) override {
    sessions_.SendOutputCredit(session, response);
  }
  void EndSession(controller::SessionId session, absl::Status why) override {
    sessions_.End(session, why);
  }
  void SendToWatch(controller::WatchId, v1::WatchJobResponse) override {}
  void EndWatch(controller::WatchId, absl::Status) override {}
  void Commit(controller::JournalBatch,
              absl::AnyInvocable<void(absl::Status)> done) override {
    core_thread_.Post([done = std::move(done)](controller::Core&) mutable {
      done(absl::OkStatus());
    });
  }
  // Nobody copies here.
  void ReadContent(
      controller::ContentStep,
      absl::AnyInvocable<void(absl::StatusOr<controller::FedContent>)> done)
      override {
    done(absl::NotFoundError("no content"));
  }

 private:
  controller::SessionTable& sessions_;
  controller::CoreThread& core_thread_;
};

class CoreThreadFixture : public ::testing::Test {
 protected:
  CoreThreadFixture() {
    core_thread_.Start(std::make_unique<controller::Core>(
        "demo", controller::CoreSettings(),
        controller::CoreClocks{clock_, clock_}, effects_));
  }

  // What `ask` answers on the core's thread.
  template <typename Ask>
  auto OnCore(Ask ask) {
    using Answer = decltype(ask(std::declval<controller::Core&>()));
    std::promise<Answer> answer;
    core_thread_.Post(
        [&](controller::Core& core) { answer.set_value(ask(core)); });
    return answer.get_future().get();
  }

  FakeClock clock_;
  controller::SessionTable sessions_;
  controller::CoreThread core_thread_{clock_};
  TableEffects effects_{sessions_, core_thread_};
};

}  // namespace tutti::testing

#endif  // TESTS_UNIT_CONTROLLER_LOCAL_CORE_THREAD_FIXTURE_H_
