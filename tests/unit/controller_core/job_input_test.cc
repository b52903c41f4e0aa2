#include "controller/core/job_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "common/signing/input_chunk.h"
#include "tests/support/status_matchers.h"

namespace tutti::testing {
namespace {

using controller::InputPiece;
using controller::JobInput;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr uint64_t kAhead = kMaxInputChunksAhead;

absl::Time At(int seconds) { return absl::FromUnixSeconds(1000 + seconds); }

std::string Chunk(uint64_t number, bool end = false) {
  v1::InputChunk chunk;
  chunk.set_number(number);
  if (end) {
    chunk.mutable_end();
  } else {
    chunk.set_data(std::to_string(number));
  }
  v1::SignedInput input;
  input.set_chunk(chunk.SerializeAsString());
  return input.SerializeAsString();
}

v1::SendInputRequest Request(uint64_t number, uint64_t count,
                             uint64_t kept = 0) {
  v1::SendInputRequest request;
  request.set_number(number);
  request.set_kept(kept);
  for (uint64_t i = 0; i < count; ++i) request.add_chunks(Chunk(number + i));
  return request;
}

std::vector<std::string> Texts(const InputPiece& piece) {
  std::vector<std::string> texts;
  for (const auto& chunk : piece.chunks) texts.push_back(*chunk);
  return texts;
}

TEST(JobInputTest, TheSlowestDecidesAndWhatAllHaveIsForgotten) {
  JobInput input(2, At(0));
  TUTTI_ASSERT_OK(input.Take(Request(0, kAhead), At(0)));
  EXPECT_EQ(input.credit(), kAhead);
  EXPECT_THAT(input.Take(Request(kAhead, 1), At(0)), Not(IsOk()));
  input.SetTaken(0, kAhead, At(0));
  EXPECT_EQ(input.credit(), kAhead);
  input.SetTaken(1, 5, At(0));
  EXPECT_EQ(input.taken(), 5u);
  EXPECT_EQ(input.credit(), kAhead + 5);
  TUTTI_ASSERT_OK(input.Take(Request(kAhead, 5), At(0)));
}

TEST(JobInputTest, AClosedTaskHoldsUpNobody) {
  JobInput input(2, At(0));
  TUTTI_ASSERT_OK(input.Take(Request(0, 3), At(0)));
  input.SetTaken(0, 3, At(0));
  input.Close(1, At(0));
  EXPECT_EQ(input.taken(), 3u);
  EXPECT_FALSE(input.closed());
  input.Close(0, At(0));
  EXPECT_TRUE(input.closed());
}

TEST(JobInputTest, ASessionGetsEachChunkOnceAndTheNextOneWhatIsNotTaken) {
  JobInput input(1, At(0));
  TUTTI_ASSERT_OK(input.Take(Request(0, 2), At(0)));
  EXPECT_THAT(Texts(input.TakeFor(0, 7)), ElementsAre(Chunk(0), Chunk(1)));
  EXPECT_THAT(Texts(input.TakeFor(0, 7)), IsEmpty());
  input.SetTaken(0, 1, At(0));
  TUTTI_ASSERT_OK(input.Take(Request(2, 1), At(0)));
  EXPECT_THAT(Texts(input.TakeFor(0, 7)), ElementsAre(Chunk(2)));
  const InputPiece again = input.TakeFor(0, 8);
  EXPECT_EQ(again.number, 1u);
  EXPECT_THAT(Texts(again), ElementsAre(Chunk(1), Chunk(2)));
}

TEST(JobInputTest, ChunksThatCameBeforeAreIgnored) {
  JobInput input(1, At(0));
  TUTTI_ASSERT_OK(input.Take(Request(0, 3), At(0)));
  TUTTI_ASSERT_OK(input.Take(Request(1, 4), At(0)));
  EXPECT_EQ(input.next(), 5u);
}

// After a restart the caller still has 10 and what follows; a target that has
// not come back yet took those before, like all the others.
TEST(JobInputTest, ANewControllerGoesOnFromWhatTheCallerKept) {
  JobInput input(2, At(0));
  input.SetTaken(0, 12, At(0));
  TUTTI_ASSERT_OK(input.Take(Request(15, 1, /*kept=*/10), At(0)));
  EXPECT_EQ(input.next(), 10u);
  EXPECT_EQ(input.taken(), 10u);
  TUTTI_ASSERT_OK(input.Take(Request(10, 6, 10), At(0)));
  EXPECT_EQ(input.next(), 16u);
  EXPECT_EQ(input.TakeFor(0, 1).number, 12u);
  EXPECT_EQ(input.TakeFor(1, 2).number, 10u);
}

TEST(JobInputTest, KnowsWhoHoldsUpTheOthersAndSinceWhen) {
  JobInput input(3, At(0));
  EXPECT_EQ(input.held_up_since(), absl::InfiniteFuture());
  TUTTI_ASSERT_OK(input.Take(Request(0, kAhead), At(1)));
  EXPECT_EQ(input.held_up_since(), At(1));
  input.SetTaken(0, 9, At(2));
  input.SetTaken(2, 9, At(2));
  EXPECT_EQ(input.held_up_since(), At(1));
  EXPECT_THAT(input.Slowest(), ElementsAre(1u));
  // Some progress: from then on it holds them up anew.
  input.SetTaken(1, 3, At(5));
  EXPECT_EQ(input.held_up_since(), At(5));
  input.SetTaken(1, JobInput::kWorthwhileRoom, At(6));
  input.SetTaken(0, JobInput::kWorthwhileRoom, At(6));
  input.SetTaken(2, JobInput::kWorthwhileRoom, At(6));
  EXPECT_EQ(input.held_up_since(), absl::InfiniteFuture());
}

// At its end a slow one holds up nobody.
TEST(JobInputTest, TheEndIsNotHeldUp) {
  JobInput input(1, At(0));
  v1::SendInputRequest request = Request(0, kAhead - 1);
  request.add_chunks(Chunk(kAhead - 1, /*end=*/true));
  TUTTI_ASSERT_OK(input.Take(request, At(1)));
  EXPECT_TRUE(input.complete());
  EXPECT_EQ(input.held_up_since(), absl::InfiniteFuture());
}

// Whatever the order of events: every task gets every chunk, once a session,
// in order, and never is more kept than is allowed.
TEST(JobInputTest, RandomOrdersLoseNothing) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const uint32_t tasks = 1 + random() % 4;
    JobInput input(tasks, At(0));
    std::vector<uint64_t> has(tasks, 0);
    std::vector<controller::SessionId> session(tasks, 1);
    uint64_t produced = 0;
    for (int step = 0; step < 400; ++step) {
      const uint32_t task = random() % tasks;
      switch (random() % 4) {
        case 0: {
          const uint64_t room = input.credit() - input.next();
          const uint64_t count = room == 0 ? 0 : random() % (room + 1);
          TUTTI_ASSERT_OK(input.Take(Request(input.next(), count), At(step)));
          produced = input.next();
          break;
        }
        case 1:
          ++session[task];
          has[task] = std::min(has[task], produced);
          break;
        default: {
          const InputPiece piece = input.TakeFor(task, session[task]);
          if (piece.chunks.empty()) break;
          ASSERT_LE(piece.number, has[task]) << seed;
          has[task] = piece.number + piece.chunks.size();
          ASSERT_LE(piece.chunks.size(), JobInput::kMaxInFlight);
          // What was lost on its way is not taken.
          if (random() % 3 == 0) {
            has[task] = piece.number;
            ++session[task];
          }
          input.SetTaken(task, has[task], At(step));
        }
      }
      ASSERT_LE(input.next() - input.taken(), kAhead) << seed;
    }
    for (uint32_t task = 0; task < tasks; ++task) {
      while (has[task] < produced) {
        const InputPiece piece = input.TakeFor(task, session[task] + 1);
        ASSERT_LE(piece.number, has[task]) << seed;
        ASSERT_GT(piece.number + piece.chunks.size(), has[task]) << seed;
        has[task] = piece.number + piece.chunks.size();
        input.SetTaken(task, has[task], At(0));
      }
    }
  }
}

}  // namespace
}  // namespace tutti::testing
