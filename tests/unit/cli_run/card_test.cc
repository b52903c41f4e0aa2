#include "controller/cli/run/card.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/base/duration.h"

namespace tutti::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

class CardTest : public ::testing::Test {
 protected:
  CardTest() {
    options_.targets = {"web*"};
    SetArguments({"uptime", "-p"});
    run_.fleet = "demo";
    run_.wanted = ParseTargets(options_).value();
    run_.names = {"web1", "web2", "web3"};
    run_.answer.set_targets("web[1-3]");
    run_.at_once.number = 3;
  }
  void SetArguments(const std::vector<std::string>& arguments) {
    plan_.work.mutable_command()->mutable_arguments()->Assign(arguments.begin(),
                                                              arguments.end());
  }
  void AddOffline(const std::string& targets, uint64_t count,
                  absl::Duration ago) {
    v1::OfflineTargets& offline = *run_.answer.add_offline();
    offline.set_targets(targets);
    offline.set_count(count);
    if (ago > absl::ZeroDuration()) {
      *offline.mutable_last_seen() = ToProto(kNow - ago);
    }
  }
  std::string Line() { return CardLine(plan_, run_, kNow); }

  RunOptions options_;
  RunPlan plan_;
  ResolvedRun run_;
};

TEST_F(CardTest, OneLineSaysWhatWillHappen) {
  EXPECT_EQ(Line(),
            "demo · 3 targets · default user · all at once · uptime -p");
}

TEST_F(CardTest, OfflineTargetsAreNamedApart) {
  AddOffline("web2", 1, absl::Hours(72));
  AddOffline("web3", 1, absl::ZeroDuration());
  plan_.work.set_user("www");
  plan_.work.set_group("adm");
  run_.at_once.number = 2;
  EXPECT_EQ(Line(),
            "demo · 3 targets (2 offline: web2, last seen 3 d ago; web3, never "
            "seen) · user www:adm · 2 at once · uptime -p");
}

// If this fails, nobody is told why a job is so slow.
TEST_F(CardTest, LimitsSayWhatTheyMean) {
  RolloutOptions options;
  options.max_failures = "2";
  options.batch = "100%";
  options.batch_wait = absl::Seconds(30);
  plan_.rollout = ParseRollout(options).value();
  run_.at_once = AtOnceOf(plan_.rollout, 3, 0);
  EXPECT_EQ(Line(),
            "demo · 3 targets · default user · 2 at once, because of "
            "--max-failures 2, batches of 3, 30s apart, ends at 2 failures, "
            "never more · uptime -p");
  EXPECT_THAT(FullCard(options_, plan_, run_, kNow, /*color=*/false),
              AllOf(HasSubstr("2, because of --max-failures 2"),
                    HasSubstr("batches of 3, 30s apart")));
  const Json card = CardJson(options_, plan_, run_, kNow);
  EXPECT_EQ(card["at_once"], 2);
  EXPECT_EQ(card["rollout"]["max_failures"], 2);
  EXPECT_EQ(card["rollout"]["batch_wait_seconds"], 30);
}

// A pasted argument must not rewrite the line that is to be trusted.
TEST_F(CardTest, ArgumentsAreQuotedAndHarmless) {
  SetArguments({"echo", "a b", "", "it's", "\x1b[2J\n"});
  EXPECT_THAT(Line(), HasSubstr("echo 'a b' '' 'it'\\''s' $'\\x1b[2J\\n'"));
  EXPECT_THAT(Line(), Not(HasSubstr("\n")));
}

TEST_F(CardTest, TheFullCardHasEverything) {
  AddOffline("web2", 1, absl::Hours(72));
  plan_.work.mutable_timeout()->set_seconds(90);
  plan_.work.set_working_directory("/srv");
  v1::EnvironmentVariable& variable = *plan_.work.add_environment();
  variable.set_name("A");
  variable.set_value("b c");
  plan_.work.set_user("www");
  const std::string card =
      FullCard(options_, plan_, run_, kNow, /*color=*/false);
  EXPECT_THAT(
      card, AllOf(HasSubstr("demo"), HasSubstr("3: web[1-3]"),
                  HasSubstr("web2, last seen 3 d ago"), HasSubstr("www"),
                  HasSubstr("all (3)"), HasSubstr("1m 30s"), HasSubstr("/srv"),
                  HasSubstr("A='b c'"), HasSubstr("uptime"), HasSubstr("-p")));
}

TEST_F(CardTest, ParametersAreCountedAndOneTargetsShown) {
  plan_.parameters =
      ParameterTable::Parse("f", "web1 port=1 role='a b'\nweb[2-3] port=2")
          .value();
  run_.parameters = plan_.parameters->Select(run_.names).value();
  const std::string card =
      FullCard(options_, plan_, run_, kNow, /*color=*/false);
  EXPECT_THAT(card, AllOf(HasSubstr("1 to 2 for each target; for web1:"),
                          HasSubstr("TUTTI_PARAM_PORT=1\n"),
                          HasSubstr("TUTTI_PARAM_ROLE='a b'")));
  EXPECT_EQ(CardJson(options_, plan_, run_,
                     kNow)["parameters"]["web2"]["TUTTI_PARAM_PORT"],
            "2");
}

// A value has no place on it: it is shown, and copied, around.
TEST_F(CardTest, SecretsByNameAndOutputThatIsNotKept) {
  EXPECT_FALSE(CardJson(options_, plan_, run_, kNow).contains("secrets"));
  plan_.work.add_secrets()->set_name("TOKEN");
  plan_.work.set_no_keep(true);
  plan_.work.set_side_streams(true);
  EXPECT_THAT(FullCard(options_, plan_, run_, kNow, /*color=*/false),
              AllOf(HasSubstr("TOKEN"), HasSubstr("not kept"),
                    HasSubstr("messages and a result")));
  const Json card = CardJson(options_, plan_, run_, kNow);
  EXPECT_EQ(card["secrets"][0], "TOKEN");
  EXPECT_EQ(card["no_keep"], true);
  EXPECT_EQ(card["streams"], true);
}

TEST_F(CardTest, TheSameForPrograms) {
  const Json card = CardJson(options_, plan_, run_, kNow);
  EXPECT_EQ(card["v"], 1);
  EXPECT_EQ(card["targets"], "web[1-3]");
  EXPECT_EQ(card["arguments"][1], "-p");
  EXPECT_EQ(card["kind"], "command");
}

// Whoever signs limits and priorities sees them before.
TEST_F(CardTest, HowItWillRun) {
  plan_.work.set_login(true);
  plan_.work.set_nice(5);
  plan_.work.set_umask(027);
  plan_.work.mutable_io_priority()->set_scheduling_class(
      v1::IoPriority::SCHEDULING_CLASS_IDLE);
  v1::ResourceLimit& limit = *plan_.work.add_resource_limits();
  limit.set_resource("nofile");
  limit.set_soft(64);
  v1::CgroupLimits& limits = *plan_.work.mutable_cgroup_limits();
  limits.set_memory_bytes(64 << 20);
  limits.set_milli_cpus(1500);
  limits.set_best_effort(true);
  EXPECT_THAT(Line(), HasSubstr("default user, login"));
  EXPECT_THAT(
      FullCard(options_, plan_, run_, kNow, /*color=*/false),
      AllOf(HasSubstr("memory 64.0 MiB, where that is possible"),
            HasSubstr("processors 1.5"), HasSubstr("nofile 64, hard unlimited"),
            HasSubstr("027"), HasSubstr("idle")));
  const Json card = CardJson(options_, plan_, run_, kNow);
  EXPECT_EQ(card["cpus"], 1.5);
  EXPECT_EQ(card["resource_limits"]["nofile"]["soft"], 64);
  EXPECT_TRUE(card["resource_limits"]["nofile"]["hard"].is_null());
  EXPECT_EQ(card["umask"], "027");
}

TEST_F(CardTest, AScriptIsShownWithWhatRunsIt) {
  v1::Script& script = *plan_.work.mutable_script();
  script.set_name("fix.py");
  script.set_text("#!/usr/bin/python3 -u\nprint(1)\n");
  script.add_arguments("--all");
  EXPECT_THAT(Line(), HasSubstr("· fix.py --all"));
  EXPECT_THAT(FullCard(options_, plan_, run_, kNow, /*color=*/false),
              AllOf(HasSubstr("fix.py, 31 B"), HasSubstr("#!/usr/bin/python3"),
                    HasSubstr("--all")));
  const Json card = CardJson(options_, plan_, run_, kNow);
  EXPECT_EQ(card["script"]["name"], "fix.py");
  EXPECT_EQ(card["arguments"], Json::array({"--all"}));
}

}  // namespace
}  // namespace tutti::cli
