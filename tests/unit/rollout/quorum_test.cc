#include "controller/rollout/quorum.h"

#include <gmock/gmock.h>

namespace tutti::controller {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(QuorumTest, NoneIsReachedAtOnceAndAsksNobody) {
  Quorum quorum(0, 3);
  quorum.Connect(1);
  EXPECT_TRUE(quorum.reached());
  EXPECT_THAT(quorum.TakeToAsk(), IsEmpty());
}

TEST(QuorumTest, AsksEachOnceAndIsReachedByThoseWhoAccept) {
  Quorum quorum(2, 3);
  for (uint32_t task = 0; task < 3; ++task) quorum.Connect(task);
  EXPECT_THAT(quorum.TakeToAsk(), ElementsAre(0, 1, 2));
  EXPECT_THAT(quorum.TakeToAsk(), IsEmpty());
  quorum.Accept(2);
  // One target counts once.
  quorum.Accept(2);
  EXPECT_TRUE(quorum.open());
  quorum.Accept(0);
  EXPECT_TRUE(quorum.reached());
  quorum.End(0);
  quorum.End(2);
  EXPECT_TRUE(quorum.reached());
}

// If this fails, hosts that have gone since count as ready.
TEST(QuorumTest, WhoGoesOfflineHasNotAcceptedAndIsAskedAgain) {
  Quorum quorum(2, 2);
  quorum.Connect(0);
  quorum.Connect(1);
  quorum.TakeToAsk();
  quorum.Accept(0);
  quorum.Disconnect(0);
  // The answer to a question of an earlier session.
  quorum.Accept(0);
  quorum.Accept(1);
  EXPECT_TRUE(quorum.open());
  quorum.Connect(0);
  EXPECT_THAT(quorum.TakeToAsk(), ElementsAre(0));
  quorum.Accept(0);
  EXPECT_TRUE(quorum.reached());
}

TEST(QuorumTest, GetsOutOfReachWhenTooManyAreOver) {
  Quorum quorum(9, 10);
  quorum.Connect(3);
  quorum.TakeToAsk();
  quorum.Accept(3);
  quorum.End(3);
  quorum.End(3);
  EXPECT_TRUE(quorum.open());
  quorum.End(7);
  EXPECT_TRUE(quorum.out_of_reach());
  EXPECT_EQ(quorum.over(), 2u);
  EXPECT_EQ(quorum.tasks(), 10u);
  quorum.End(8);
  EXPECT_EQ(quorum.over(), 2u);
}

TEST(QuorumTest, WhatIsClosedNeitherStartsNorFails) {
  Quorum quorum(1, 1);
  quorum.Close();
  quorum.End(0);
  EXPECT_FALSE(quorum.out_of_reach());
  EXPECT_FALSE(quorum.reached());
}

}  // namespace
}  // namespace tutti::controller
