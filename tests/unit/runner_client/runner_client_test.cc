#include "common/runner_client/runner_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/runner/test_runner.h"

namespace tutti {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::tutti::testing::TemporaryDirectory;
using ::tutti::testing::TestRunner;

// What a client calls back, in order.
class Journal {
 public:
  RunnerClient::Callbacks Callbacks() {
    return {.on_message =
                [this](runner::v1::RunnerMessage message) {
                  if (message.has_welcome()) Add("welcome");
                  if (message.has_state()) Add("state");
                  if (message.has_listing_complete()) Add("listed");
                },
            .on_disconnected =
                [this](const absl::Status& status) {
                  {
                    MutexLock lock(mutex_);
                    reason_ = std::string(status.message());
                  }
                  Add("lost");
                }};
  }

  std::vector<std::string> WaitForEntries(size_t count) {
    MutexLock lock(mutex_);
    while (entries_.size() < count) grew_.Wait(mutex_);
    return entries_;
  }

  std::string reason() {
    MutexLock lock(mutex_);
    return reason_;
  }

 private:
  void Add(std::string entry) {
    MutexLock lock(mutex_);
    entries_.push_back(std::move(entry));
    grew_.NotifyAll();
  }

  Mutex mutex_;
  CondVar grew_;
  std::vector<std::string> entries_ ABSL_GUARDED_BY(mutex_);
  std::string reason_ ABSL_GUARDED_BY(mutex_);
};

TEST(RunnerClientTest, WelcomeComesFirstThenTheListing) {
  TestRunner runner;
  runner.RunShell("echo x");
  Journal journal;
  RunnerClient client(runner.state_directory() + "/runner.sock",
                      journal.Callbacks());
  EXPECT_THAT(journal.WaitForEntries(3),
              ElementsAre("welcome", "state", "listed"));
}

TEST(RunnerClientTest, ARunnerThatIsNotThereIsToldOfOnce) {
  TemporaryDirectory directory;
  Journal journal;
  RunnerClient client(directory.File("none.sock"), journal.Callbacks());
  EXPECT_THAT(journal.WaitForEntries(1), ElementsAre("lost"));
  EXPECT_THAT(journal.reason(), HasSubstr("is it running?"));
}

TEST(RunnerClientTest, ItComesBackWhenTheRunnerDoes) {
  TestRunner runner;
  Journal journal;
  RunnerClient client(runner.state_directory() + "/runner.sock",
                      journal.Callbacks());
  journal.WaitForEntries(2);
  runner.Restart();
  EXPECT_THAT(journal.WaitForEntries(5),
              ElementsAre("welcome", "listed", "lost", "welcome", "listed"));
}

// Every client sees every attempt, also those that another one started.
TEST(RunnerClientTest, SeveralClientsSeeTheSame) {
  TestRunner runner;
  Journal journal;
  RunnerClient client(runner.state_directory() + "/runner.sock",
                      journal.Callbacks());
  journal.WaitForEntries(2);
  runner.RunShell("echo x");
  EXPECT_THAT(journal.WaitForEntries(3),
              ElementsAre("welcome", "listed", "state"));
}

}  // namespace
}  // namespace tutti
