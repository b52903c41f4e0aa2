// Groups and results of jobs as targets.
#include <random>

#include "tests/unit/controller_core/core_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::_;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ReferencesTest : public CoreFixture {
 protected:
  absl::Status SetGroup(const std::string& name,
                        const std::string& expression) {
    v1::SetGroupRequest request;
    request.set_name(name);
    request.set_expression(expression);
    controller::JournalBatch batch;
    const absl::Status status =
        core_->groups().Set(request, "alice", clock_.Now(), batch).status();
    effects_->Commit(std::move(batch), [](const absl::Status&) {});
    effects_->CommitAll();
    return status;
  }

  absl::StatusOr<v1::ResolveTargetsResponse> Resolve(
      v1::ResolveTargetsRequest request, const std::string& by = "alice") {
    absl::StatusOr<v1::ResolveTargetsResponse> result =
        absl::UnknownError("no answer");
    core_->ResolveTargets(by, request,
                          [&](auto response) { result = std::move(response); });
    return result;
  }

  absl::StatusOr<std::string> Targets(const std::string& expression,
                                      const std::string& exclusion = "",
                                      const std::string& by = "alice") {
    v1::ResolveTargetsRequest request;
    request.add_expressions(expression);
    if (!exclusion.empty()) request.add_exclusions(exclusion);
    const auto response = Resolve(std::move(request), by);
    if (!response.ok()) return response.status();
    return response->targets();
  }

  static absl::StatusOr<std::string> Is(const std::string& targets) {
    return targets;
  }
};

TEST_F(ReferencesTest, AGroupIsItsExpression) {
  Enroll({"db1", "web01", "web02", "web03"});
  TUTTI_ASSERT_OK(SetGroup("web", "web*"));
  TUTTI_ASSERT_OK(SetGroup("spare", "@web!web01"));
  EXPECT_EQ(Targets("@web"), Is("web[01-03]"));
  EXPECT_EQ(Targets("@spare,db1"), Is("db1,web[02-03]"));
  EXPECT_EQ(Targets("all", "@spare"), Is("db1,web01"));
}

TEST_F(ReferencesTest, AGroupComesBackAfterARestart) {
  Enroll({"web01"});
  TUTTI_ASSERT_OK(SetGroup("web", "web*"));
  Restart();
  EXPECT_EQ(Targets("@web"), Is("web01"));
}

TEST_F(ReferencesTest, GroupsOfTheFileChangeWithTheSettings) {
  Enroll({"db1", "web01"});
  controller::CoreSettings settings = settings_;
  settings.file_groups.groups = {controller::MakeGroup("x", "web*").value()};
  core_->Configure(settings);
  EXPECT_EQ(Targets("@x"), Is("web01"));
  settings.file_groups.groups = {controller::MakeGroup("x", "db*").value()};
  core_->Configure(settings);
  EXPECT_EQ(Targets("@x"), Is("db1"));
}

// A slip within a group would leave hosts out without a word.
TEST_F(ReferencesTest, WhatAGroupAsksForInVainIsNamedWithIt) {
  Enroll({"web01"});
  TUTTI_ASSERT_OK(SetGroup("web", "web[01-02]"));
  EXPECT_THAT(Targets("@web"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("@web: no agent is called web02")));
  EXPECT_THAT(Targets("all", "@web"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("web02")));
  EXPECT_THAT(Targets("@wbe"), StatusIs(absl::StatusCode::kNotFound,
                                        HasSubstr("did you mean @web?")));
  v1::ResolveTargetsRequest request;
  request.add_expressions("@web");
  request.set_skip_unknown(true);
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto response, Resolve(request));
  EXPECT_EQ(response.targets(), "web01");
  EXPECT_EQ(response.unknown(), "web02");
}

// Groups of a file that went away may leave a ring behind.
TEST_F(ReferencesTest, ARingOfGroupsEnds) {
  Enroll({"web01"});
  TUTTI_ASSERT_OK(SetGroup("x", "web*"));
  TUTTI_ASSERT_OK(SetGroup("y", "@x"));
  controller::CoreSettings settings = settings_;
  settings.file_groups.groups = {controller::MakeGroup("y", "web*").value()};
  core_->Configure(settings);
  TUTTI_ASSERT_OK(SetGroup("x", "@y"));
  core_->Configure(settings_);
  EXPECT_THAT(Targets("@x"), StatusIs(absl::StatusCode::kInvalidArgument,
                                      HasSubstr("contains itself")));
}

// Resolved anew wherever they stand, these would be 2^30 selections.
TEST_F(ReferencesTest, EachGroupIsResolvedOnce) {
  Enroll({"web01"});
  TUTTI_ASSERT_OK(SetGroup("g0", "web*"));
  for (int i = 1; i <= 30; ++i) {
    TUTTI_ASSERT_OK(
        SetGroup("g" + std::to_string(i), fmt::format("@g{0},@g{0}", i - 1)));
  }
  EXPECT_EQ(Targets("@g30"), Is("web01"));
}

TEST_F(ReferencesTest, ResultsOfAJobAreChosenByState) {
  Enroll({"web01", "web02", "web03", "web04"});
  ConnectAll();
  const uint64_t job = Start({"web01", "web02", "web03"});
  Complete("web01");
  Report("web02", v1::TASK_STATE_FAILED);
  Report("web03", v1::TASK_STATE_RUNNING);
  const std::string name = fmt::format("@job:{}", job);
  EXPECT_EQ(Targets(name), Is("web[01-03]"));
  EXPECT_EQ(Targets(name + ":completed"), Is("web01"));
  EXPECT_EQ(Targets(name + ":failed"), Is("web02"));
  EXPECT_EQ(Targets(name + ":running"), Is("web03"));
  EXPECT_EQ(Targets(name + ":not-completed"), Is("web[02-03]"));
  EXPECT_EQ(Targets("all", name + ":completed"), Is("web[02-04]"));
}

// Who answered is asked for long after the answer was given.
TEST_F(ReferencesTest, TargetsOfAQueryAreChosenByTheirRows) {
  Enroll({"web01", "web02", "web03", "web04"});
  ConnectAll();
  controller::PreparedJob query =
      Prepare({"web01", "web02", "web03", "web04"}, 1);
  query.opened.spec.mutable_query()->set_sql("SELECT 1");
  SetTargets(query.targets, query);
  const uint64_t number = Start(std::move(query));
  const auto report = [&](const std::string& name, v1::TaskState state) {
    v1::AttemptReport yields = MakeReport(name, state);
    yields.mutable_status()->mutable_outcome()->set_yielded(true);
    Report(name, std::move(yields));
  };
  report("web01", v1::TASK_STATE_COMPLETED);
  report("web02", v1::TASK_STATE_FAILED);
  Complete("web03");
  // Not over: what it says does not count yet.
  report("web04", v1::TASK_STATE_RUNNING);
  const std::string rows = fmt::format("@job:{}:rows", number);
  EXPECT_EQ(Targets(rows), Is("web[01-02]"));
  Advance(absl::Seconds(1));
  Restart();
  EXPECT_EQ(Targets(rows), Is("web[01-02]"));
}

// Services are reloaded by this: nobody is missed, and nobody else is meant.
TEST_F(ReferencesTest, TargetsOfACopyAreChosenByWhetherItChangedThem) {
  Enroll({"web01", "web02"});
  ConnectAll();
  controller::PreparedJob copy = Prepare({"web01", "web02"}, 1);
  copy.opened.spec.mutable_copy()->set_destination("/etc/x");
  SetTargets(copy.targets, copy);
  const uint64_t number = Start(std::move(copy));
  v1::AttemptReport changed = MakeReport("web01", v1::TASK_STATE_COMPLETED);
  changed.mutable_status()->mutable_outcome()->set_yielded(true);
  Report("web01", std::move(changed));
  Complete("web02");
  EXPECT_EQ(Targets(fmt::format("@job:{}:changed", number)), Is("web01"));
  EXPECT_THAT(Targets(fmt::format("@job:{}:rows", number)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("is a copy, and only a query has rows")));
}

TEST_F(ReferencesTest, OnlyCopiesChangeTargets) {
  Enroll({"web01"});
  ConnectAll();
  Start({"web01"});
  Complete("web01");
  EXPECT_THAT(
      Targets("@job:1:changed"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("@job:1:changed: job 1 is a command, and only a copy "
                         "tells whether it changed something")));
}

TEST_F(ReferencesTest, OnlyQueriesHaveRows) {
  Enroll({"web01"});
  ConnectAll();
  Start({"web01"});
  Complete("web01");
  EXPECT_THAT(
      Targets("@job:1:rows"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("@job:1:rows: job 1 is a command, and only a query "
                         "has rows")));
}

TEST_F(ReferencesTest, LastIsTheCallers) {
  Enroll({"web01", "web02"});
  controller::PreparedJob prepared = Prepare({"web01"}, 1);
  prepared.operator_name = "alice";
  Start(std::move(prepared));
  prepared = Prepare({"web02"}, 2);
  prepared.operator_name = "bob";
  Start(std::move(prepared));
  EXPECT_EQ(Targets("@job:last", "", "alice"), Is("web01"));
  EXPECT_EQ(Targets("@job:last", "", "bob"), Is("web02"));
  EXPECT_THAT(Targets("@job:last", "", "carol"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("carol")));
  EXPECT_THAT(Targets("@job:99"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("@job:99: there is no job 99")));
}

TEST_F(ReferencesTest, ResultsOfAJobAreChosenByOutput) {
  Enroll({"web01", "web02", "web03"});
  ConnectAll();
  Start({"web01", "web02", "web03"});
  Complete("web01", "fine\ndisk full\n");
  Complete("web02", "fine\n");
  Complete("web03", "disk full of joy\n");
  EXPECT_EQ(Targets("@job:1:output~'full$'"), Is("web01"));
  EXPECT_EQ(Targets("@job:1:output~full"), Is("web[01,03]"));
}

// After a restart the output is on the targets: who matches nobody can say, and
// a job on everybody else would be another one.
TEST_F(ReferencesTest, OutputThatIsNotInMemoryIsAnError) {
  Enroll({"web01", "web02"});
  ConnectAll();
  Start({"web01"});
  Complete("web01", "disk full\n");
  Advance(absl::Seconds(1));
  Restart();
  v1::ResolveTargetsRequest request;
  request.add_expressions("@job:1:output~full,web02");
  request.set_allow_empty(true);
  EXPECT_THAT(Resolve(request),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("@job:1:output~full: the output of 1 "
                                       "target is no longer in memory"),
                             HasSubstr("tutti job receive 1"))));
}

// A script that goes on with nobody, or worse with everybody else, would do
// something else than was meant.
TEST_F(ReferencesTest, AnEmptyOneIsAnErrorUnlessItMayBe) {
  Enroll({"web01", "web02"});
  ConnectAll();
  Start({"web01"});
  Complete("web01");
  for (const char* text :
       {"@job:1:failed", "web02,@job:1:failed", "all!@job:1:failed"}) {
    EXPECT_THAT(Targets(text),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("@job:1:failed: it stands for no target")));
  }
  v1::ResolveTargetsRequest request;
  request.add_expressions("@job:1:failed");
  request.set_allow_empty(true);
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto response, Resolve(request));
  EXPECT_EQ(response.targets(), "");
  EXPECT_EQ(response.count(), 0u);
  request.set_expressions(0, "web01");
  request.add_exclusions("@job:1:completed");
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto done, Resolve(request));
  EXPECT_EQ(done.count(), 0u);
  request.set_expressions(0, "web09");
  EXPECT_THAT(Resolve(request),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
}

// Whoever stops a job of a group means those of the group that it runs on.
TEST_F(ReferencesTest, NamesThatNobodyHasDoNotHinderSteering) {
  Enroll({"web01", "web02"});
  TUTTI_ASSERT_OK(SetGroup("web", "web[01,09]"));
  ConnectAll();
  const uint64_t job = Start({"web01", "web02"});
  const auto stop = [&](const std::string& expression) {
    v1::StopJobRequest request;
    request.add_targets(expression);
    return Stop(job, std::move(request));
  };
  EXPECT_THAT(stop("@web,web09"), StatusIs(absl::StatusCode::kInvalidArgument,
                                           HasSubstr("no target web09")));
  TUTTI_EXPECT_OK(stop("@web"));
  EXPECT_THAT(TakeDirectives("web01"), SizeIs(1));
  EXPECT_THAT(TakeDirectives("web02"), SizeIs(0));
}

// A target that has left the fleet since is no longer one.
TEST_F(ReferencesTest, WhoIsGoneSinceIsNamed) {
  Enroll({"web01", "web02"});
  ConnectAll();
  Start({"web01", "web02"});
  v1::RemoveAgentRequest removal;
  removal.set_name("web02");
  core_->RemoveAgent(removal, [](const auto&) {});
  EXPECT_THAT(Targets("@job:1"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("@job:1: no agent is called web02")));
}

TEST_F(ReferencesTest, AgentsAreListedAndLabelledByThem) {
  Enroll({"db1", "web01", "web02"});
  TUTTI_ASSERT_OK(SetGroup("web", "web*"));
  v1::ListAgentsRequest request;
  request.add_expressions("@web");
  int count = 0;
  core_->ListAgents("alice", request,
                    [&](auto response) { count = response->agents_size(); });
  EXPECT_EQ(count, 2);
  v1::LabelAgentsRequest labels;
  labels.add_expressions("@web!web02");
  (*labels.mutable_set())["role"] = "front";
  core_->LabelAgents("alice", labels, [](const auto&) {});
  EXPECT_EQ(Targets("role=front"), Is("web01"));
}

// Groups of groups mean what their expressions, written out, mean.
TEST_F(ReferencesTest, GroupsAreTransparent) {
  Enroll({"a1", "a2", "b1", "b2", "c1"});
  std::mt19937 random(7);
  const auto one_of = [&random](const std::vector<std::string>& choices) {
    return choices[random() % choices.size()];
  };
  for (int round = 0; round < 200; ++round) {
    std::string written = one_of({"a*", "b1", "all", "a1,c1"});
    std::string grouped = written;
    for (int depth = 0; depth < 3; ++depth) {
      const std::string group = fmt::format("g{}", depth);
      TUTTI_ASSERT_OK(SetGroup(group, grouped));
      const std::string sign = one_of({",", "!", "&", "^", " and not "});
      const std::string other = one_of({"a2", "b*", "c1", "(a*,b2)"});
      written = fmt::format("({}){}{}", written, sign, other);
      grouped = fmt::format("@{}{}{}", group, sign, other);
    }
    v1::ResolveTargetsRequest request;
    request.set_allow_empty(true);
    request.add_expressions(written);
    TUTTI_ASSERT_OK_AND_ASSIGN(const auto direct, Resolve(request));
    request.set_expressions(0, grouped);
    TUTTI_ASSERT_OK_AND_ASSIGN(const auto through_groups, Resolve(request));
    EXPECT_EQ(direct.targets(), through_groups.targets()) << written;
  }
}

}  // namespace
}  // namespace tutti::testing
