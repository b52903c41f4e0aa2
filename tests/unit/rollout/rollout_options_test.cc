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
  rollout.set_quorum(8);
  for (const char* label : {"rack", "site"}) {
    v1::MaxPerLabel& limit = *rollout.add_max_per_label();
    limit.set_label(label);
    limit.set_max(2);
  }
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
  rollout = EveryRule();
  rollout.mutable_max_per_label(1)->set_label("rack");
  EXPECT_THAT(CheckRollout(rollout),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("rack occurs twice")));
  rollout.mutable_max_per_label(0)->set_max(0);
  EXPECT_THAT(CheckRollout(rollout),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("send 1 or more")));
}

}  // namespace
}  // namespace tutti::controller
