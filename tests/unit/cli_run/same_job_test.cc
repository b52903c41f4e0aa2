#include "controller/cli/run/same_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "common/signing/work_digest.h"
#include "controller/cli/run/job_spec.h"
#include "tests/support/status_matchers.h"

namespace tutti::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;

class SameJobTest : public ::testing::Test {
 protected:
  SameJobTest() {
    options_.targets = {"web[1-3]"};
    options_.exclusions = {"web2"};
    options_.process.user = "www";
    options_.name = "nightly";
    existing_.set_number(73);
    existing_.set_name("nightly");
    existing_.set_user("www");
    existing_.set_summary("echo 'a b'");
    existing_.set_work_digest(WorkDigest(Plan().work));
    existing_.set_target_expression("web[1-3] without web2");
    existing_.set_targets("web[1,3]");
  }

  RunPlan Plan() {
    return MakePlan(options_, MakeCommand({}, tail_).value()).value();
  }

  absl::Status Check() {
    return CheckSameJob(options_, Plan(), ParseTargets(options_).value(),
                        existing_);
  }

  RunOptions options_;
  std::vector<std::string> tail_ = {"echo", "a b"};
  v1::Job existing_;
};

TEST_F(SameJobTest, OtherParametersAreAnError) {
  RunPlan plan = Plan();
  v1::GetJobResponse got;
  *got.mutable_job() = existing_;
  TUTTI_EXPECT_OK(CheckSameParameters(plan, got));
  plan.parameters = ParameterTable::Parse("f", "web[1,3] a=1").value();
  EXPECT_FALSE(CheckSameParameters(plan, got).ok());
  *got.mutable_parameters() = plan.parameters->Select({"web1", "web3"}).value();
  TUTTI_EXPECT_OK(CheckSameParameters(plan, got));
  plan.parameters = ParameterTable::Parse("f", "web[1,3] a=2").value();
  EXPECT_FALSE(CheckSameParameters(plan, got).ok());
}

TEST_F(SameJobTest, TheSameCommandIsFollowed) { TUTTI_EXPECT_OK(Check()); }

// If this fails, a script that gives a UUID twice is told that a command ran
// that never did.
TEST_F(SameJobTest, AnotherOneIsAnError) {
  const std::vector<std::function<void()>> changes = {
      [this] {
        tail_ = {"echo", "a"};
      },
      [this] {
        tail_ = {"echo", "a", "b"};
      },
      [this] { tail_ = {"echo"}; },
      [this] { options_.targets = {"web[1-4]"}; },
      [this] { options_.exclusions = {}; },
      [this] { options_.process.user = ""; },
      [this] { options_.name = "weekly"; },
      [this] { options_.process.user = "www:adm"; },
      [this] { options_.process.environment = {"A=1"}; },
      [this] { options_.process.working_directory = "/tmp"; },
      [this] { options_.process.timeout = absl::Seconds(5); },
      [this] { options_.process.login = true; },
      [this] { options_.process.nice = "5"; },
      [this] { options_.process.resource_limits = {"nofile=64"}; },
      [this] { options_.process.memory = "64MiB"; },
  };
  const RunOptions options = options_;
  const std::vector<std::string> tail = tail_;
  for (size_t i = 0; i < changes.size(); ++i) {
    options_ = options;
    tail_ = tail;
    changes[i]();
    EXPECT_THAT(Check(),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         AllOf(HasSubstr("job 73"), HasSubstr("echo 'a b'"),
                               HasSubstr("new UUID"))))
        << i;
  }
}

// A job does not keep an expression of thousands of names.
TEST_F(SameJobTest, LongExpressionsAreComparedByTheirTargets) {
  options_.targets.clear();
  for (int i = 1000; i < 2000; ++i) {
    options_.targets.push_back("web" + std::to_string(i));
  }
  options_.exclusions = {"web1999"};
  existing_.set_targets("web[1000-1998]");
  existing_.set_target_expression(existing_.targets());
  TUTTI_EXPECT_OK(Check());
  for (const char* other : {"web[1000-1999]", "web[1000-1997]", "db1"}) {
    existing_.set_targets(other);
    EXPECT_THAT(Check(), Not(IsOk())) << other;
  }
  existing_.set_targets("web[1000-1997]");
  options_.skip_unknown = true;
  TUTTI_EXPECT_OK(Check());
}

}  // namespace
}  // namespace tutti::cli
