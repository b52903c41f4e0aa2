// Input from calls to targets.
#include "common/base/duration.h"
#include "common/signing/input_chunk.h"
#include "common/targets/node_set.h"
#include "tests/unit/controller_core/core_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr uint64_t kAhead = kMaxInputChunksAhead;

std::string Chunk(uint64_t number, bool end = false) {
  v1::InputChunk chunk;
  chunk.set_number(number);
  if (end) chunk.mutable_end();
  v1::SignedInput input;
  input.set_chunk(chunk.SerializeAsString());
  return input.SerializeAsString();
}

class InputTest : public CoreFixture {
 protected:
  using Answer = std::optional<absl::StatusOr<v1::SendInputResponse>>;

  controller::PreparedJob PrepareFed(const std::vector<std::string>& targets) {
    controller::PreparedJob job = Prepare(targets, ++fed_);
    job.opened.spec.mutable_input()->mutable_stream()->set_public_key("key");
    // The same once more, with what the spec says now.
    return PrepareRetry(job, 1, targets);
  }
  uint64_t StartFed(const std::vector<std::string>& targets,
                    absl::Duration drop_slow_after = absl::InfiniteDuration()) {
    Enroll(targets);
    ConnectAll();
    controller::PreparedJob prepared = PrepareFed(targets);
    if (drop_slow_after != absl::InfiniteDuration()) {
      *prepared.request.mutable_drop_slow_after() =
          tutti::ToProto(drop_slow_after);
    }
    const uint64_t job = Start(std::move(prepared));
    for (const std::string& target : targets) {
      Report(target, v1::TASK_STATE_RUNNING);
    }
    return job;
  }

  // The answer comes when it comes.
  std::shared_ptr<Answer> Send(uint64_t job, v1::SendInputRequest request) {
    request.mutable_job()->set_number(job);
    auto answer = std::make_shared<Answer>();
    core_->SendInput("alice", request,
                     [answer](absl::StatusOr<v1::SendInputResponse> response) {
                       *answer = std::move(response);
                     });
    effects_->CommitAll();
    return answer;
  }
  std::shared_ptr<Answer> SendChunks(uint64_t job, uint64_t number,
                                     uint64_t count, bool end = false) {
    v1::SendInputRequest request;
    request.set_number(number);
    for (uint64_t i = 0; i < count; ++i) request.add_chunks(Chunk(number + i));
    if (end) request.add_chunks(Chunk(number + count, /*end=*/true));
    return Send(job, request);
  }
  void Taken(const std::string& name, uint64_t taken, bool closed = false) {
    v1::AttemptReport report = MakeReport(name, v1::TASK_STATE_RUNNING);
    report.set_input_taken(taken);
    report.set_input_closed(closed);
    Report(name, report);
  }
  // Numbers of the chunks that an agent was sent.
  std::vector<uint64_t> TakeSent(const std::string& name) {
    std::vector<uint64_t> numbers;
    for (const auto& piece : effects_->inputs[session(name)]) {
      for (size_t i = 0; i < piece.chunks.size(); ++i) {
        EXPECT_EQ(*piece.chunks[i], Chunk(piece.number + i));
        numbers.push_back(piece.number + i);
      }
    }
    effects_->inputs.erase(session(name));
    return numbers;
  }

 private:
  int fed_ = 0;
};

TEST_F(InputTest, GoesToEveryTargetThatRuns) {
  Enroll({"web01", "web02"});
  ConnectAll();
  const uint64_t job = Start(PrepareFed({"web01", "web02"}));
  Report("web01", v1::TASK_STATE_RUNNING);
  const auto answer = SendChunks(job, 0, 2);
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ((**answer)->next(), 2u);
  EXPECT_THAT(TakeSent("web01"), ElementsAre(0, 1));
  EXPECT_THAT(TakeSent("web02"), IsEmpty());
  Report("web02", v1::TASK_STATE_RUNNING);
  EXPECT_THAT(TakeSent("web02"), ElementsAre(0, 1));
}

TEST_F(InputTest, ACallWaitsForTheSlowestAndNamesIt) {
  const uint64_t job = StartFed({"web01", "web02"});
  auto answer = SendChunks(job, 0, kAhead);
  EXPECT_FALSE(answer->has_value());
  Taken("web01", kAhead);
  EXPECT_FALSE(answer->has_value());
  Advance(absl::Seconds(1));
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ((**answer)->slowest(), "web02");
  EXPECT_EQ((**answer)->credit(), kAhead);
  // Asks again, and waits again: there is no room yet.
  answer = SendChunks(job, kAhead, 0);
  Advance(absl::Seconds(9));
  EXPECT_FALSE(answer->has_value());
  Taken("web02", 2);
  EXPECT_FALSE(answer->has_value());
  Taken("web02", kAhead - 1);
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ((**answer)->taken(), kAhead - 1);
  EXPECT_EQ((**answer)->slowest(), "");
}

// If this fails, bytes are missing after a cut.
TEST_F(InputTest, ATargetThatComesBackGetsWhatItHasNotTaken) {
  const uint64_t job = StartFed({"web01"});
  SendChunks(job, 0, 4);
  EXPECT_THAT(TakeSent("web01"), SizeIs(4));
  Disconnect("web01");
  v1::AttemptReport running = MakeReport("web01", v1::TASK_STATE_RUNNING);
  running.set_input_taken(1);
  Connect("web01", {running});
  EXPECT_THAT(TakeSent("web01"), ElementsAre(1, 2, 3));
}

TEST_F(InputTest, ANewControllerGoesOnWithWhatTheCallerKept) {
  const uint64_t job = StartFed({"web01"});
  SendChunks(job, 0, 4);
  Taken("web01", 2);
  Restart();
  v1::AttemptReport running = MakeReport("web01", v1::TASK_STATE_RUNNING);
  running.set_input_taken(3);
  Connect("web01", {running});
  v1::SendInputRequest request;
  request.set_number(4);
  request.set_kept(2);
  request.add_chunks(Chunk(4));
  auto answer = Send(job, request);
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ((**answer)->next(), 3u);
  request.set_number(3);
  request.clear_chunks();
  request.add_chunks(Chunk(3));
  request.add_chunks(Chunk(4));
  Send(job, request);
  EXPECT_THAT(TakeSent("web01"), ElementsAre(3, 4));
}

// To a program the end of its input would look like all of it.
TEST_F(InputTest, AJobWhoseInputBreaksOffIsEnded) {
  const uint64_t job = StartFed({"web01"});
  SendChunks(job, 0, 2);
  Advance(absl::Seconds(59));
  EXPECT_THAT(TakeDirectives("web01"), IsEmpty());
  Advance(absl::Seconds(2));
  const auto directives = TakeDirectives("web01");
  ASSERT_THAT(directives, Not(IsEmpty()));
  EXPECT_EQ(directives.back().desired(), v1::DESIRED_STATE_STOP);
  Report("web01", v1::TASK_STATE_STOPPED);
  EXPECT_EQ(GetTask(job).attempt().outcome().reason(), "its input broke off");
}

TEST_F(InputTest, AJobThatHasAllOfItGoesOnByItself) {
  const uint64_t job = StartFed({"web01"});
  SendChunks(job, 0, 2, /*end=*/true);
  Advance(absl::Minutes(5));
  EXPECT_THAT(TakeDirectives("web01"), IsEmpty());
  Taken("web01", 3, /*closed=*/true);
  const auto answer = SendChunks(job, 3, 0);
  ASSERT_TRUE(answer->has_value());
  EXPECT_TRUE((**answer)->closed());
}

TEST_F(InputTest, WhoIsTooSlowIsLeftBehindWhereThatWasAskedFor) {
  const uint64_t job = StartFed({"web01", "web02"}, absl::Seconds(5));
  SendChunks(job, 0, kAhead);
  Taken("web01", kAhead);
  Advance(absl::Seconds(4));
  const auto answer = SendChunks(job, kAhead, 0);
  EXPECT_FALSE(answer->has_value());
  Advance(absl::Seconds(2));
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ((**answer)->left_behind(), "web02");
  EXPECT_EQ((**answer)->credit(), 2 * kAhead);
  const auto directives = TakeDirectives("web02");
  ASSERT_THAT(directives, Not(IsEmpty()));
  EXPECT_EQ(directives.back().desired(), v1::DESIRED_STATE_STOP);
  Report("web02", v1::TASK_STATE_STOPPED);
  EXPECT_THAT(GetTask(job, 1).attempt().outcome().reason(),
              HasSubstr("left behind"));
  EXPECT_EQ(StateOf(job), v1::TASK_STATE_RUNNING);
}

// Alone, or equally far as all others, it holds up nobody.
TEST_F(InputTest, NobodyIsLeftBehindByNobody) {
  const uint64_t job = StartFed({"web01", "web02"}, absl::Seconds(5));
  SendChunks(job, 0, kAhead);
  Advance(absl::Seconds(20));
  SendChunks(job, kAhead, 0);
  EXPECT_THAT(TakeDirectives("web01"), IsEmpty());
  EXPECT_THAT(TakeDirectives("web02"), IsEmpty());
}

// A controller that was started anew does not know that it had all of it.
TEST_F(InputTest, WhoHadAllOfItGoesOnWhenTheInputBreaksOff) {
  const uint64_t job = StartFed({"web01", "web02"});
  SendChunks(job, 0, 2, /*end=*/true);
  Restart();
  v1::AttemptReport whole = MakeReport("web01", v1::TASK_STATE_RUNNING);
  whole.set_input_taken(3);
  whole.set_input_closed(true);
  Connect("web01", {whole});
  Advance(absl::Minutes(2));
  EXPECT_EQ(LastWelcome("web01").directives(0).desired(),
            v1::DESIRED_STATE_RUN);
  EXPECT_THAT(TakeDirectives("web01"), IsEmpty());
  // One that comes back with a part of it can not have the rest.
  v1::AttemptReport part = MakeReport("web02", v1::TASK_STATE_RUNNING);
  part.set_input_taken(1);
  Connect("web02", {part});
  EXPECT_EQ(LastWelcome("web02").directives(0).desired(),
            v1::DESIRED_STATE_STOP);
}

TEST_F(InputTest, RefusesJobsThatTakeNoneAndThoseThatTakeTurns) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  const auto answer = SendChunks(job, 0, 1);
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ((*answer)->status().code(), absl::StatusCode::kFailedPrecondition);

  controller::PreparedJob turns = PrepareFed({"web01"});
  turns.request.set_fanout(1);
  const auto started = Submit(std::move(turns));
  ASSERT_TRUE(started->has_value());
  EXPECT_EQ((*started)->status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace tutti::testing
