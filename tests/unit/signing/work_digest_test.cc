#include "common/signing/work_digest.h"

#include <gtest/gtest.h>

#include "common/base/duration.h"
#include "tests/unit/signing/test_fleet.h"

namespace tutti {
namespace {

v1::JobSpec Spec() {
  v1::JobSpec spec = testing::MakeSpec("demo", {"web01", "web02"});
  spec.set_user("www");
  return spec;
}

TEST(WorkDigestTest, IsTheSameWhateverTheTargetsAndTimes) {
  v1::JobSpec later = testing::MakeSpec("other", {"db1"});
  later.set_user("www");
  later.set_job_uuid("another");
  later.set_target_expression("db1");
  *later.mutable_issued_at() = ToProto(absl::Now());
  *later.mutable_expires_at() = ToProto(absl::Now() + absl::Hours(9));
  EXPECT_EQ(WorkDigest(later), WorkDigest(Spec()));
  EXPECT_EQ(WorkDigest(later).size(), 32u);
}

// A secret is salted anew each time, and a retry may bring another one.
TEST(WorkDigestTest, OfSecretsOnlyTheNamesCount) {
  v1::JobSpec first = Spec();
  first.add_secrets()->set_name("TOKEN");
  v1::JobSpec second = first;
  second.mutable_secrets(0)->set_digest("another");
  EXPECT_EQ(WorkDigest(first), WorkDigest(second));
  EXPECT_NE(WorkDigest(first), WorkDigest(Spec()));
}

// If this fails, a script that gives a UUID twice is told that a command ran
// that never did.
TEST(WorkDigestTest, DiffersWithWhatIsDone) {
  v1::JobSpec argument = Spec();
  argument.mutable_command()->add_arguments("more");
  EXPECT_NE(WorkDigest(argument), WorkDigest(Spec()));
  v1::JobSpec user = Spec();
  user.set_user("root");
  EXPECT_NE(WorkDigest(user), WorkDigest(Spec()));
  v1::JobSpec timeout = Spec();
  timeout.mutable_timeout()->set_seconds(1);
  EXPECT_NE(WorkDigest(timeout), WorkDigest(Spec()));
}

}  // namespace
}  // namespace tutti
