// Output in memory, seen from outside.
#include "tests/unit/controller_core/core_fixture.h"

namespace tutti::testing {
namespace {

class OutputTest : public CoreFixture {};

// A spool may be joined differently when it is sent again over a new stream:
// what overlaps is cut off, and no byte comes twice.
TEST_F(OutputTest, OverlapIsCutOff) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  SendBulk("web01", kFirst, "one ");
  SendBulk("web01", kFirst + 28, "two ");
  v1::SendOutputRequest joined;
  *joined.mutable_key() = MakeReport("web01", v1::TASK_STATE_RUNNING).key();
  v1::OutputChunk& chunk = *joined.add_output();
  chunk = MakeChunk(kFirst, "one two three");
  chunk.set_next_position(kFirst + 28 + 28 + 24 + 5);
  core_->OnOutput(session("web01"), joined);
  OpenWatch(1, job);
  EXPECT_EQ(Drain(1).output[0], "one two three");
}

// What a slow watcher has not seen costs nothing: the budget holds.
TEST_F(OutputTest, SlowWatcherDoesNotHoldMemory) {
  settings_.task_output_budget = 1 << 20;
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  OpenWatch(1, job);
  const std::string data(100'000, 'x');
  uint64_t position = kFirst;
  for (int i = 0; i < 200; ++i) {
    SendBulk("web01", position, data);
    position += 24 + data.size();
  }
  EXPECT_EQ(effects_->watched[1].size(), 1u);
  EXPECT_GE(GetTask(job).evicted_bytes(), 200 * data.size() - (1 << 20));
  EXPECT_EQ(GetTask(job).stdout_bytes(), 200 * data.size());
}

}  // namespace
}  // namespace tutti::testing
