#include "common/jobs/states.h"

#include <gtest/gtest.h>

namespace tutti {
namespace {

TEST(StatesTest, NamesHaveNoPrefix) {
  EXPECT_EQ(StateName(v1::TASK_STATE_NOT_STARTED), "NOT_STARTED");
  EXPECT_EQ(StateName(v1::JOB_STATE_RUNNING), "RUNNING");
}

// A newer peer may name one.
TEST(StatesTest, AnUnknownStateHasNoName) {
  EXPECT_EQ(StateName(static_cast<v1::TaskState>(99)), "");
}

TEST(StatesTest, FinalIsWhatDoesNotGoOn) {
  EXPECT_FALSE(IsFinal(v1::TASK_STATE_DISCONNECTED));
  EXPECT_TRUE(IsFinal(v1::TASK_STATE_COMPLETED));
  EXPECT_TRUE(IsFinal(v1::TASK_STATE_UNKNOWN));
  EXPECT_FALSE(IsFinal(v1::JOB_STATE_BLOCKED));
  EXPECT_TRUE(IsFinal(v1::JOB_STATE_STOPPED));
}

}  // namespace
}  // namespace tutti
