#include "controller/cli/input/input_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "common/signing/input_chunk.h"
#include "tests/support/status_matchers.h"

namespace tutti::cli {
namespace {

InputQueue MakeQueue() {
  return InputQueue(InputSigner::Create(std::string(16, 'j'), 1).value());
}

v1::SendInputResponse Answer(uint64_t taken, uint64_t next, uint64_t credit) {
  v1::SendInputResponse response;
  response.set_taken(taken);
  response.set_next(next);
  response.set_credit(credit);
  return response;
}

TEST(InputQueueTest, SendsNothingBeforeTheControllerAllowedIt) {
  InputQueue queue = MakeQueue();
  TUTTI_ASSERT_OK(queue.AddData("a"));
  EXPECT_FALSE(queue.has_work());
  EXPECT_EQ(queue.MakeRequest().chunks_size(), 0);
  queue.OnAnswer(Answer(0, 0, 64));
  EXPECT_TRUE(queue.has_work());
  EXPECT_EQ(queue.MakeRequest().chunks_size(), 1);
}

TEST(InputQueueTest, KeepsWhatSomeTargetHasNot) {
  InputQueue queue = MakeQueue();
  queue.OnAnswer(Answer(0, 0, kMaxInputChunksAhead));
  for (uint64_t i = 0; i < kMaxInputChunksAhead; ++i) {
    ASSERT_TRUE(queue.has_room());
    TUTTI_ASSERT_OK(queue.AddData("x"));
  }
  EXPECT_FALSE(queue.has_room());
  // All was sent, ten were taken: room for ten.
  queue.OnAnswer(Answer(10, 64, 74));
  EXPECT_FALSE(queue.has_work());
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(queue.has_room());
    TUTTI_ASSERT_OK(queue.AddData("y"));
  }
  EXPECT_FALSE(queue.has_room());
  const v1::SendInputRequest request = queue.MakeRequest();
  EXPECT_EQ(request.number(), 64u);
  EXPECT_EQ(request.kept(), 10u);
  EXPECT_EQ(request.chunks_size(), 10);
}

// If this fails, input is missing after a restart of the controller.
TEST(InputQueueTest, SendsAgainWhatANewControllerAsksFor) {
  InputQueue queue = MakeQueue();
  queue.OnAnswer(Answer(0, 0, 64));
  for (int i = 0; i < 5; ++i) TUTTI_ASSERT_OK(queue.AddData("x"));
  const v1::SendInputRequest first = queue.MakeRequest();
  queue.OnAnswer(Answer(2, 5, 66));
  EXPECT_FALSE(queue.has_work());
  queue.OnAnswer(Answer(2, 2, 66));
  const v1::SendInputRequest again = queue.MakeRequest();
  EXPECT_EQ(again.number(), 2u);
  ASSERT_EQ(again.chunks_size(), 3);
  // The very same bytes: another signature would be another chunk.
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(again.chunks(i), first.chunks(i + 2));
  }
}

TEST(InputQueueTest, IsDeliveredWithItsEndOrOnceNobodyTakesAnyMore) {
  InputQueue queue = MakeQueue();
  queue.OnAnswer(Answer(0, 0, 64));
  TUTTI_ASSERT_OK(queue.AddEnd());
  EXPECT_FALSE(queue.has_room());
  EXPECT_FALSE(queue.delivered());
  queue.OnAnswer(Answer(0, 1, 64));
  EXPECT_TRUE(queue.delivered());
  // A controller that was started anew has nothing.
  queue.OnAnswer(Answer(0, 0, 64));
  EXPECT_FALSE(queue.delivered());

  InputQueue closed = MakeQueue();
  TUTTI_ASSERT_OK(closed.AddData("x"));
  v1::SendInputResponse response = Answer(0, 0, 64);
  response.set_closed(true);
  closed.OnAnswer(response);
  EXPECT_TRUE(closed.delivered());
  EXPECT_FALSE(closed.has_work());
  EXPECT_FALSE(closed.has_room());
}

}  // namespace
}  // namespace tutti::cli
