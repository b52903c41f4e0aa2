#include "controller/cli/run/job_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/base/duration.h"
#include "common/signing/envelope.h"
#include "tests/support/status_matchers.h"

namespace tutti::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

class JobSpecTest : public ::testing::Test {
 protected:
  JobSpecTest() {
    options_.targets = {"web[1-3]"};
    run_.fleet = "demo";
    run_.uuid = Uuid::Generate(kNow);
    run_.wanted = ParseTargets(options_).value();
    run_.names = {"web1", "web2", "web3"};
    run_.answer.set_targets("web[1-3]");
    run_.at_once.number = 3;
  }
  absl::StatusOr<v1::JobSpec> Make() {
    const auto plan = MakePlan(options_, MakeCommand({}, tail_).value());
    if (!plan.ok()) return plan.status();
    return MakeSpec(options_, *plan, run_, kNow);
  }

  RunOptions options_;
  std::vector<std::string> tail_ = {"uptime", "-p"};
  RunPlan plan_;
  ResolvedRun run_;
};

TEST_F(JobSpecTest, SaysEverythingThatDecides) {
  options_.process.user = "www:adm";
  options_.process.environment = {"A=b"};
  options_.process.working_directory = "/srv";
  options_.process.timeout = absl::Seconds(90);
  TUTTI_ASSERT_OK_AND_ASSIGN(const v1::JobSpec spec, Make());
  EXPECT_EQ(spec.fleet(), "demo");
  EXPECT_EQ(spec.job_uuid(), run_.uuid.bytes());
  EXPECT_EQ(spec.attempt(), 1u);
  ASSERT_EQ(spec.command().arguments_size(), 2);
  EXPECT_EQ(spec.command().arguments(1), "-p");
  EXPECT_EQ(spec.environment(0).name(), "A");
  EXPECT_EQ(spec.environment(0).value(), "b");
  EXPECT_EQ(spec.user(), "www");
  EXPECT_EQ(spec.group(), "adm");
  EXPECT_EQ(spec.working_directory(), "/srv");
  EXPECT_EQ(spec.timeout().seconds(), 90);
  EXPECT_EQ(spec.target_expression(), "web[1-3]");
  EXPECT_EQ(spec.target_count(), 3u);
  EXPECT_TRUE(spec.input().has_none());
}

// Exactly these targets are signed for, whoever the list came from.
TEST_F(JobSpecTest, TheTreeIsOverTheFrozenNames) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const v1::JobSpec spec, Make());
  TUTTI_ASSERT_OK_AND_ASSIGN(const MerkleTree tree, MakeTargetTree(run_.names));
  TUTTI_EXPECT_OK(CheckTarget(spec, "web2", MakeTargetProof(tree, 1)));
  EXPECT_THAT(CheckTarget(spec, "web4", MakeTargetProof(tree, 1)), Not(IsOk()));
}

TEST_F(JobSpecTest, LivesAsLongAsTheLastTargetMayTake) {
  EXPECT_EQ(SpecLife(options_, plan_, run_), absl::Hours(1));
  run_.at_once.number = 1;
  EXPECT_EQ(SpecLife(options_, plan_, run_), absl::Hours(24));
  options_.offline = "wait";
  EXPECT_EQ(SpecLife(options_, plan_, run_), absl::Hours(48));
  options_.expire = absl::Hours(2);
  EXPECT_EQ(SpecLife(options_, plan_, run_), absl::Hours(26));
  TUTTI_ASSERT_OK_AND_ASSIGN(const v1::JobSpec spec, Make());
  EXPECT_EQ(ToTime(spec.issued_at()), kNow);
  EXPECT_EQ(ToTime(spec.expires_at()), kNow + absl::Hours(26));
}

// What outlives the delegation would be refused by every target.
TEST_F(JobSpecTest, EndsWithTheDelegationThatSignsIt) {
  run_.signer_ends_at = kNow + absl::Minutes(20);
  TUTTI_ASSERT_OK_AND_ASSIGN(const v1::JobSpec spec, Make());
  EXPECT_EQ(ToTime(spec.expires_at()), kNow + absl::Minutes(20));
  options_.offline = "wait";
  options_.expire = absl::Minutes(30);
  EXPECT_THAT(Make(), StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("ends in 20m")));
}

// If this fails, the last targets of a slow rollout refuse what has expired.
TEST_F(JobSpecTest, PausesBetweenStartsMakeItLiveLonger) {
  options_.rollout.start_rate = "1/h";
  plan_.rollout = ParseRollout(options_.rollout).value();
  EXPECT_EQ(SpecLife(options_, plan_, run_), absl::Hours(1 + 3));
  options_.rollout = {};
  options_.rollout.batch = "1";
  options_.rollout.batch_wait = absl::Hours(24 * 20);
  EXPECT_THAT(Make(), StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("make them shorter")));
}

TEST_F(JobSpecTest, WaitingForLongerThanASignatureLivesIsRefused) {
  options_.offline = "wait";
  options_.expire = absl::Hours(24 * 31);
  EXPECT_THAT(Make(), StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("--expire")));
}

TEST_F(JobSpecTest, WhatTargetsWouldRefuseIsRefusedHere) {
  options_.process.environment = {"TUTTI_JOB=x"};
  EXPECT_THAT(Make(), StatusIs(absl::StatusCode::kInvalidArgument,
                               StartsWith("--env: 'TUTTI_JOB'")));
  options_.process.environment = {};
  options_.process.user = "a b";
  EXPECT_THAT(Make(), StatusIs(absl::StatusCode::kInvalidArgument,
                               StartsWith("--user: 'a b'")));
  options_.process.user = "www:a b";
  EXPECT_THAT(Make(), StatusIs(absl::StatusCode::kInvalidArgument,
                               StartsWith("--user: 'a b'")));
}

}  // namespace
}  // namespace tutti::cli
