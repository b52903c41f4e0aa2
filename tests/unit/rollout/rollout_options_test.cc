#include "controller/rollout/rollout_options.h"

#include <gmock/gmock.h>

#include "common/base/duration.h"
#include "tests/support/status_matchers.h"

namespace tutti::controller {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;

v1::Rollout EveryRule() {
  v1::Rollout rollout;
  rollout.set_batch(5);
  *rollout.mutable_batch_wait() = tutti::ToProto(absl::Seconds(30));
  *rollout.mutable_start_interval() = tutti::ToProto(absl::Milliseconds(20));
  *rollout.mutable_splay() = tutti::ToProto(absl::Seconds(7));
  rollout.set_stop_after(2);
  rollout.set_max_failures(3);
  rollout.set_count_offline(true);
  rollout.set_stop_running(true);
  rollout.set_canary(1);
  *rollout.mutable_canary_wait() = tutti::ToProto(absl::Minutes(10));
  return rollout;
}

// If this fails, a controller that was started again forgets a rule.
TEST(RolloutOptionsTest, ComeBackAsTheyWent) {
  const v1::Rollout rollout = EveryRule();
  EXPECT_THAT(CheckRollout(rollout), IsOk());
  const RolloutOptions options = ToRolloutOptions(9, rollout);
  EXPECT_EQ(options.fanout, 9u);
  EXPECT_EQ(ToRolloutProto(options).SerializeAsString(),
            rollout.SerializeAsString());
}

TEST(RolloutOptionsTest, BadFieldsAreNamedWithTheRemedy) {
  v1::Rollout rollout;
  EXPECT_THAT(CheckRollout(rollout), IsOk());
  *rollout.mutable_splay() = tutti::ToProto(-absl::Seconds(1));
  EXPECT_THAT(CheckRollout(rollout),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("splay"), HasSubstr("-1s"))));
  rollout.Clear();
  *rollout.mutable_batch_wait() = tutti::ToProto(absl::Seconds(1));
  EXPECT_THAT(CheckRollout(rollout),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("send batch, too")));
  rollout.Clear();
  rollout.set_stop_running(true);
  EXPECT_THAT(
      CheckRollout(rollout),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("stop_running"), HasSubstr("max_failures"))));
}

}  // namespace
}  // namespace tutti::controller
