// What passes between the controller's own host and the core: if these fail, a
// host that is faster than the core fills the memory, or one that has ended its
// session is spoken to.
#include "controller/local/local_session.h"

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/mutex.h"
#include "common/targets/local_target.h"
#include "tests/support/status_matchers.h"
#include "tests/support/wait.h"
#include "tests/unit/controller_local/core_thread_fixture.h"

namespace tutti::testing {
namespace {

using controller::kMaxUnprocessedBytes;
using controller::kMaxUnsentBytes;
using controller::LocalSession;

// Keeps what it hears.
class Listener final : public LocalSession::Listener {
 public:
  void OnSessionMessage(v1::SessionResponse message) override {
    MutexLock lock(mutex_);
    messages_.push_back(std::move(message));
  }
  void OnCredit(const v1::SendOutputResponse&) override {
    MutexLock lock(mutex_);
    ++credits_;
  }
  void OnReportsWritable() override {
    MutexLock lock(mutex_);
    ++reports_writable_;
  }
  void OnOutputWritable() override {
    MutexLock lock(mutex_);
    ++output_writable_;
  }
  void OnEnded(const absl::Status& why) override {
    MutexLock lock(mutex_);
    ended_.push_back(why);
  }

  std::vector<v1::SessionResponse> messages() {
    MutexLock lock(mutex_);
    return messages_;
  }
  int credits() {
    MutexLock lock(mutex_);
    return credits_;
  }
  int reports_writable() {
    MutexLock lock(mutex_);
    return reports_writable_;
  }
  int output_writable() {
    MutexLock lock(mutex_);
    return output_writable_;
  }
  std::vector<absl::Status> ended() {
    MutexLock lock(mutex_);
    return ended_;
  }

 private:
  Mutex mutex_;
  std::vector<v1::SessionResponse> messages_ ABSL_GUARDED_BY(mutex_);
  int credits_ ABSL_GUARDED_BY(mutex_) = 0;
  int reports_writable_ ABSL_GUARDED_BY(mutex_) = 0;
  int output_writable_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<absl::Status> ended_ ABSL_GUARDED_BY(mutex_);
};

class LocalSessionTest : public CoreThreadFixture {
 protected:
  LocalSessionTest() {
    LocalSession::Listener& listener = listener_;
    session_ = std::make_shared<LocalSession>(executor_, core_thread_,
                                              sessions_, listener);
    thread_ = std::thread([this] { executor_.Run(); });
  }
  ~LocalSessionTest() override {
    core_thread_.Stop();
    executor_.Stop();
    thread_.join();
  }

  // Runs it on the executor's thread and waits for it.
  void OnHost(Executor::Task work) {
    std::promise<void> done;
    executor_.Post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
  void Open() {
    OnHost([this] { session_->SendHello({}); });
    ASSERT_TRUE(WaitUntil([this] { return !listener_.messages().empty(); }));
    EXPECT_TRUE(listener_.messages()[0].has_welcome());
  }
  controller::SessionId CurrentSession() {
    return OnCore(
        [](controller::Core& core) { return core.SessionOf(kLocalTarget); });
  }

  Executor executor_;
  Listener listener_;
  std::shared_ptr<LocalSession> session_;
  std::thread thread_;
};

TEST_F(LocalSessionTest, AHelloIsWelcomedAndCloseIsTheEnd) {
  Open();
  EXPECT_NE(CurrentSession(), 0u);
  OnHost([this] { session_->Close(); });
  EXPECT_EQ(CurrentSession(), 0u);
  OnCore([this](controller::Core&) {
    session_->Send({});
    session_->End(absl::OkStatus());
    return 0;
  });
  OnHost([] {});
  EXPECT_EQ(listener_.messages().size(), 1u);
  EXPECT_TRUE(listener_.ended().empty());
}

TEST_F(LocalSessionTest, TheHostWaitsForACoreThatIsBusy) {
  Open();
  std::promise<void> go_on;
  core_thread_.Post([&](controller::Core&) { go_on.get_future().wait(); });
  OnHost([this] {
    v1::AgentReport report;
    report.add_fetch_failures()->set_reason(
        std::string(kMaxUnprocessedBytes / 2, 'x'));
    EXPECT_TRUE(session_->SendReport(report));
    EXPECT_FALSE(session_->SendReport(report));
    v1::SendOutputRequest output;
    output.add_output()->set_data(std::string(kMaxUnprocessedBytes + 1, 'x'));
    EXPECT_FALSE(session_->SendOutput(output));
  });
  EXPECT_EQ(listener_.reports_writable(), 0);
  EXPECT_EQ(listener_.output_writable(), 0);
  go_on.set_value();
  EXPECT_TRUE(WaitUntil([this] {
    return listener_.reports_writable() == 1 &&
           listener_.output_writable() == 1;
  }));
}

TEST_F(LocalSessionTest, AHostThatTakesNothingLosesItsSession) {
  Open();
  std::promise<void> go_on;
  executor_.Post([&] { go_on.get_future().wait(); });
  OnCore([this](controller::Core&) {
    controller::Assignment assignment;
    assignment.envelope =
        std::make_shared<const std::string>(kMaxUnsentBytes / 2, 'x');
    for (int i = 0; i < 3; ++i) session_->Assign(assignment);
    return 0;
  });
  go_on.set_value();
  ASSERT_TRUE(WaitUntil([this] { return !listener_.ended().empty(); }));
  EXPECT_THAT(listener_.ended()[0],
              StatusIs(absl::StatusCode::kResourceExhausted,
                       ::testing::HasSubstr("wait")));
}

TEST_F(LocalSessionTest, TheCoresMessagesComeAsAnAgentGetsThem) {
  Open();
  OnCore([this](controller::Core&) {
    controller::Assignment assignment;
    assignment.envelope = std::make_shared<const std::string>("signed");
    assignment.rest.mutable_key()->set_attempt(7);
    session_->Assign(assignment);
    controller::InputPiece piece;
    piece.number = 5;
    piece.chunks.push_back(std::make_shared<const std::string>("chunk"));
    session_->SendInput(piece);
    session_->SendCredit({});
    return 0;
  });
  ASSERT_TRUE(WaitUntil([this] { return listener_.credits() == 1; }));
  const std::vector<v1::SessionResponse> messages = listener_.messages();
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[1].assign().envelope(), "signed");
  EXPECT_EQ(messages[1].assign().key().attempt(), 7u);
  EXPECT_EQ(messages[2].input().number(), 5u);
  EXPECT_THAT(messages[2].input().chunks(), ::testing::ElementsAre("chunk"));
}

}  // namespace
}  // namespace tutti::testing
