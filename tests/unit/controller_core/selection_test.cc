// Naming jobs and targets.
#include "tests/unit/controller_core/core_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::HasSubstr;

class SelectionTest : public CoreFixture {
 protected:
  uint64_t StartNamed(const std::string& name, const std::string& by) {
    controller::PreparedJob prepared = Prepare({"web01"}, ++started_);
    prepared.request.set_name(name);
    prepared.operator_name = by;
    return Start(std::move(prepared));
  }

  absl::StatusOr<uint64_t> Find(const v1::JobSelector& selector,
                                const std::string& by = "alice") {
    v1::GetJobRequest request;
    *request.mutable_job() = selector;
    absl::StatusOr<uint64_t> number = absl::UnknownError("no answer");
    core_->GetJob(by, request, [&](const auto& response) {
      number = response.ok()
                   ? absl::StatusOr<uint64_t>(response->job().number())
                   : response.status();
    });
    return number;
  }

  absl::StatusOr<v1::ResolveTargetsResponse> Resolve(
      const std::vector<std::string>& expressions,
      const std::vector<std::string>& exclusions = {},
      bool skip_unknown = false) {
    v1::ResolveTargetsRequest request;
    for (const auto& text : expressions) request.add_expressions(text);
    for (const auto& text : exclusions) request.add_exclusions(text);
    request.set_skip_unknown(skip_unknown);
    absl::StatusOr<v1::ResolveTargetsResponse> result =
        absl::UnknownError("no answer");
    core_->ResolveTargets("alice", request,
                          [&](auto response) { result = std::move(response); });
    return result;
  }

 private:
  int started_ = 0;
};

TEST_F(SelectionTest, NewestOfANameAndTheCallersLast) {
  Enroll({"web01"});
  StartNamed("nightly", "alice");
  const uint64_t newer = StartNamed("nightly", "bob");
  const uint64_t other = StartNamed("other", "alice");
  v1::JobSelector selector;
  selector.set_name("nightly");
  EXPECT_EQ(*Find(selector), newer);
  selector.set_last("");
  EXPECT_EQ(*Find(selector, "alice"), other);
  EXPECT_EQ(*Find(selector, "bob"), newer);
  selector.set_last("nightly");
  EXPECT_EQ(*Find(selector, "alice"), 1u);
  EXPECT_THAT(Find(selector, "carol"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("carol")));
}

TEST_F(SelectionTest, UuidPrefix) {
  Enroll({"web01"});
  const uint64_t first = StartNamed("", "alice");
  clock_.Advance(absl::Seconds(1));
  StartNamed("", "alice");
  const std::string uuid = Uuid::FromBytes(Get(first).job().uuid())->ToString();
  v1::JobSelector selector;
  selector.set_uuid_prefix(uuid.substr(0, 13));
  EXPECT_EQ(*Find(selector), first);
  selector.set_uuid_prefix("01");
  EXPECT_THAT(Find(selector), StatusIs(absl::StatusCode::kInvalidArgument,
                                       HasSubstr("8 to 32")));
  selector.set_uuid_prefix(uuid.substr(0, 8));
  EXPECT_THAT(Find(selector), StatusIs(absl::StatusCode::kFailedPrecondition,
                                       HasSubstr("more digits")));
  selector.set_uuid_prefix("ffffffff");
  EXPECT_THAT(Find(selector),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("ffffffff")));
}

TEST_F(SelectionTest, ListIsNewestFirstAndFiltered) {
  Enroll({"web01"});
  StartNamed("nightly-db", "alice");
  StartNamed("nightly-web", "alice");
  StartNamed("other", "alice");
  v1::ListJobsRequest request;
  request.set_name("nightly*");
  v1::ListJobsResponse jobs;
  core_->ListJobs("alice", request, [&](auto response) { jobs = *response; });
  ASSERT_EQ(jobs.jobs_size(), 2);
  EXPECT_EQ(jobs.jobs(0).name(), "nightly-web");
  request.set_first(1);
  core_->ListJobs("alice", request, [&](auto response) { jobs = *response; });
  EXPECT_EQ(jobs.jobs_size(), 1);
  request.add_states(v1::JOB_STATE_RUNNING);
  core_->ListJobs("alice", request, [&](auto response) { jobs = *response; });
  EXPECT_EQ(jobs.jobs_size(), 0);
}

TEST_F(SelectionTest, TargetsAreUnitedAndExclusionsTakenAway) {
  Enroll({"db1", "web01", "web02", "web03"});
  Connect("web01");
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto resolved,
                             Resolve({"web*", "db1"}, {"web02"}));
  EXPECT_EQ(resolved.targets(), "db1,web[01,03]");
  EXPECT_EQ(resolved.count(), 3u);
  ASSERT_EQ(resolved.offline_size(), 1);
  EXPECT_EQ(resolved.offline(0).targets(), "db1,web03");
  EXPECT_FALSE(resolved.offline(0).has_last_seen());
}

TEST_F(SelectionTest, OfflineTargetsAreGroupedByWhenTheyWereSeen) {
  Enroll({"web01", "web02", "web03", "web04"});
  Connect("web01");
  Disconnect("web01");
  Advance(absl::Hours(72));
  for (const char* name : {"web02", "web03"}) {
    Connect(name);
    Disconnect(name);
    Advance(absl::Seconds(10));
  }
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto resolved, Resolve({"all"}));
  ASSERT_EQ(resolved.offline_size(), 3);
  EXPECT_EQ(resolved.offline(0).targets(), "web[02-03]");
  EXPECT_EQ(resolved.offline(1).targets(), "web01");
  EXPECT_EQ(resolved.offline(2).targets(), "web04");
}

TEST_F(SelectionTest, UnknownNamesAreAnErrorUnlessSkipped) {
  Enroll({"web01"});
  EXPECT_THAT(Resolve({"web01", "web02"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("web02 (did you mean web01?)")));
  EXPECT_THAT(Resolve({"db*"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("'db*'")));
  EXPECT_THAT(Resolve({"web01"}, {"web*"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("no targets are left")));
  EXPECT_THAT(Resolve({}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("-t")));
  EXPECT_THAT(Resolve({"web01"}, {"web02"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("--exclude: no agent is called web02")));
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto resolved,
                             Resolve({"web[01-03]"}, {}, true));
  EXPECT_EQ(resolved.targets(), "web01");
  EXPECT_EQ(resolved.unknown(), "web[02-03]");
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto excluded,
                             Resolve({"web01"}, {"web02"}, true));
  EXPECT_EQ(excluded.targets(), "web01");
  EXPECT_EQ(excluded.unknown(), "web02");
}

TEST_F(SelectionTest, TheControllersHostIsNamedAlone) {
  Enroll({"web01"});
  EXPECT_THAT(Resolve({"local"}), StatusIs(absl::StatusCode::kInvalidArgument,
                                           HasSubstr("no runner of its own")));
  core_->OnLocalHello(1000, {});
  effects_->CommitAll();
  EXPECT_EQ(Resolve({"local"})->targets(), "local");
  EXPECT_EQ(Resolve({"local", "local"})->targets(), "local");
  EXPECT_EQ(Resolve({"all"})->targets(), "web01");
  EXPECT_EQ(Resolve({"not web02"}, {}, /*skip_unknown=*/true)->targets(),
            "web01");
  EXPECT_THAT(
      Resolve({"local", "web01"}, {}, /*skip_unknown=*/true),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("name it alone")));
  EXPECT_THAT(
      Resolve({"local"}, {"web01"}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("leave -x out")));
  core_->OnSessionClosed(1000);
  EXPECT_EQ(Resolve({"local"})->offline(0).targets(), "local");
}

// A job on it is like any other, and no other job can refer to its result.
TEST_F(SelectionTest, AJobOfTheControllersHost) {
  Enroll({"web01"});
  core_->OnLocalHello(1000, {});
  effects_->CommitAll();
  const uint64_t job = Start({"local"});
  EXPECT_EQ(AssignedCount("local"), 1u);
  Complete("local", "out");
  EXPECT_EQ(StateOf(job), v1::TASK_STATE_COMPLETED);
  EXPECT_THAT(Resolve({"@job:1"}), StatusIs(absl::StatusCode::kInvalidArgument,
                                            HasSubstr("name it alone")));
  v1::GetJobRequest request;
  request.mutable_job()->set_number(job);
  request.add_targets("@job:1:completed");
  core_->GetJob("alice", request, [](const auto& response) {
    TUTTI_ASSERT_OK(response);
    EXPECT_EQ(response->selected(), "local");
  });
  v1::ListJobsRequest list;
  list.add_targets("local");
  core_->ListJobs("alice", list, [](const auto& response) {
    TUTTI_ASSERT_OK(response);
    EXPECT_EQ(response->jobs_size(), 1);
  });
  // Nobody can sign it in beside agents.
  const auto mixed = Submit(Prepare({"local", "web01"}, 100));
  effects_->CommitAll();
  EXPECT_THAT((*mixed)->status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("no agent is called local")));
}

TEST_F(SelectionTest, AgentsShowWhatRunsOnThem) {
  Enroll({"web01", "web02"});
  ConnectAll();
  Start({"web01"});
  v1::ListAgentsRequest request;
  request.add_expressions("web01");
  v1::ListAgentsResponse agents;
  core_->ListAgents("alice", request,
                    [&](auto response) { agents = *response; });
  ASSERT_EQ(agents.agents_size(), 1);
  EXPECT_EQ(agents.agents(0).running(), 1u);
  EXPECT_TRUE(agents.agents(0).online());
}

}  // namespace
}  // namespace tutti::testing
