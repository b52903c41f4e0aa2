// Input on its way from the controller to the runner.
#include "tests/unit/relay/core_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CoreInputTest : public CoreTest {
 protected:
  void Give(uint64_t number, const std::vector<std::string>& chunks) {
    v1::SessionResponse message;
    v1::TaskInput& input = *message.mutable_input();
    *input.mutable_key() = Key();
    input.set_number(number);
    for (const std::string& chunk : chunks) input.add_chunks(chunk);
    core_.OnSessionMessage(std::move(message));
    core_.Flush();
  }
  void Taken(uint64_t taken, bool closed = false) {
    runner::v1::RunnerMessage message;
    runner::v1::AttemptState& state = *message.mutable_state();
    *state.mutable_key() = Key();
    state.mutable_status()->set_state(v1::TASK_STATE_RUNNING);
    state.set_input_taken(taken);
    state.set_input_closed(closed);
    core_.OnRunnerMessage(std::move(message));
    core_.Flush();
  }
  std::vector<std::string> TakeGiven() {
    std::vector<std::string> given;
    for (const auto& message : runner_.messages) {
      if (message.verb == Verb::kInput) given.push_back(message.input);
    }
    runner_.messages.clear();
    return given;
  }
  void Run() {
    Connect();
    Assign();
    State(v1::TASK_STATE_RUNNING);
    controller_.session.clear();
    runner_.messages.clear();
  }
};

TEST_F(CoreInputTest, GoesToTheRunnerOnceAndWhatItTookIsReported) {
  Run();
  Give(0, {"a", "b"});
  Give(1, {"b", "c"});
  EXPECT_THAT(TakeGiven(), ElementsAre("a", "b", "c"));
  Taken(2);
  const v1::AttemptReport report = OnlyReport();
  EXPECT_EQ(report.input_taken(), 2u);
  EXPECT_FALSE(report.input_closed());
  // Nothing new is not said again.
  Taken(2);
  EXPECT_THAT(controller_.session, IsEmpty());
  Taken(2, /*closed=*/true);
  EXPECT_TRUE(OnlyReport().input_closed());
}

// If this fails, input is lost when a runner is upgraded.
TEST_F(CoreInputTest, ARunnerThatWasAwayGetsWhatItHadNotTaken) {
  Run();
  Give(0, {"a", "b", "c"});
  Taken(1);
  core_.OnRunnerLost();
  Give(3, {"d"});
  runner_.messages.clear();
  ConnectRunner();
  Taken(1);
  EndListing();
  EXPECT_THAT(TakeGiven(), ElementsAre("b", "c", "d"));
}

// An agent that was restarted learns from the runner where the input stands.
TEST_F(CoreInputTest, GoesOnWhereTheRunnerStands) {
  ConnectRunner();
  Taken(7);
  EndListing();
  OpenSession();
  runner_.messages.clear();
  controller_.session.clear();
  Give(6, {"g", "h"});
  EXPECT_THAT(TakeGiven(), ElementsAre("h"));
}

TEST_F(CoreInputTest, NothingIsKeptBehindAGapOrBeyondTheBound) {
  Run();
  Give(2, {"c"});
  EXPECT_THAT(TakeGiven(), IsEmpty());
  Give(0, std::vector<std::string>(70, "x"));
  EXPECT_THAT(TakeGiven(), SizeIs(64));
}

}  // namespace
}  // namespace tutti::testing
