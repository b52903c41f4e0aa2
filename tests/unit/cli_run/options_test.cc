#include "controller/cli/run/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "tests/support/status_matchers.h"

namespace tutti::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;

using Tail = std::optional<std::vector<std::string>>;

// All that `run` takes.
struct Given : RunOptions {
  CommandOptions command;
};

// Options that are all right, with one change.
absl::StatusOr<RunPlan> Plan(
    const std::function<void(Given&)>& change = [](Given&) {},
    const Tail& tail = std::vector<std::string>{"uptime"}) {
  Given given;
  given.targets = {"all"};
  change(given);
  TUTTI_ASSIGN_OR_RETURN(v1::JobSpec work, MakeCommand(given.command, tail));
  return MakePlan(given, std::move(work));
}

void SetCommand(Given& given, const std::string& text) {
  given.command.text = text;
  given.command.has_text = true;
}

// What arrives on the target is what was typed.
TEST(MakePlanTest, ArgumentsStayAsTheyAre) {
  const std::vector<std::string> tail = {"printf", "",     "[a,b]", "--",
                                         "a b",    "\xff", "-t"};
  TUTTI_ASSERT_OK_AND_ASSIGN(const RunPlan plan,
                             Plan([](RunOptions&) {}, tail));
  EXPECT_THAT(plan.work.command().arguments(), ElementsAreArray(tail));
}

TEST(MakePlanTest, ADelegationIsForAnHourUnlessItSaysMore) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const RunPlan plain, Plan([](Given& given) {
                               given.targets = {"local"};
                               given.delegate.targets = {"web*"};
                             }));
  EXPECT_THAT(plain.delegate->kinds, ElementsAre("command", "query", "script"));
  EXPECT_EQ(plain.delegate->life, absl::Hours(1));
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const RunPlan chosen, Plan([](Given& given) {
        given.targets = {};
        given.local = true;
        given.delegate.targets = {"web*"};
        given.delegate.kinds = {"run,copy", "apt-upgrade"};
        given.delegate.life = absl::Hours(24);
      }));
  EXPECT_THAT(chosen.delegate->kinds,
              ElementsAre("apt-upgrade", "command", "copy"));
}

TEST(MakePlanTest, ADelegationThatCanNotBeIsRefused) {
  const auto refusal = [](const std::function<void(Given&)>& change) {
    return Plan([&](Given& given) {
             given.targets = {"local"};
             given.delegate.targets = {"web01"};
             change(given);
           })
        .status();
  };
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(refusal([](Given& given) { given.targets = {"web01"}; }),
              StatusIs(kInvalid, HasSubstr("give --local")));
  EXPECT_THAT(
      refusal([](Given& given) { given.delegate.life = absl::Hours(25); }),
      StatusIs(kInvalid, HasSubstr("--delegate-for")));
  EXPECT_THAT(
      refusal([](Given& given) { given.delegate.kinds = {"workflow"}; }),
      StatusIs(kInvalid, HasSubstr("--delegate-kinds: 'workflow'")));
  EXPECT_THAT(refusal([](Given& given) { given.delegate.targets = {"web["}; }),
              StatusIs(kInvalid, StartsWith("--delegate:")));
  EXPECT_THAT(refusal([](Given& given) {
                given.id = "01890a5d-ac96-774b-8cce-b302099a8057";
              }),
              StatusIs(kInvalid, HasSubstr("--id")));
  EXPECT_THAT(refusal([](Given& given) {
                given.delegate.targets = {};
                given.delegate.kinds = {"run"};
              }),
              StatusIs(kInvalid, HasSubstr("--delegate")));
}

TEST(MakePlanTest, StreamsGoNotWithATerminal) {
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const RunPlan plan, Plan([](RunOptions& o) { o.side_streams = true; }));
  EXPECT_TRUE(plan.work.side_streams());
  EXPECT_THAT(Plan([](RunOptions& o) {
                o.side_streams = true;
                o.input.terminal = true;
              }).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("leave one of them out")));
}

TEST(MakePlanTest, TextGoesThroughAShell) {
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const RunPlan plan,
      Plan([](Given& given) { SetCommand(given, "a | b"); }, {}));
  EXPECT_THAT(plan.work.command().arguments(),
              ElementsAre("/bin/sh", "-c", "a | b"));
  TUTTI_ASSERT_OK_AND_ASSIGN(const RunPlan bash,
                             Plan(
                                 [](Given& given) {
                                   SetCommand(given, "a | b");
                                   given.command.interpreter = "bash";
                                 },
                                 {}));
  EXPECT_THAT(bash.work.command().arguments(),
              ElementsAre("bash", "-c", "a | b"));
}

TEST(MakePlanTest, UserAndGroup) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const RunPlan plan, Plan([](RunOptions& options) {
                               options.process.user = "www:adm";
                             }));
  EXPECT_EQ(plan.work.user(), "www");
  EXPECT_EQ(plan.work.group(), "adm");
}

// Each is one line that names the thing and the remedy.
TEST(MakePlanTest, ProgramsThatAreNone) {
  const auto nothing = [](RunOptions&) {};
  EXPECT_THAT(Plan(nothing, {}), StatusIs(absl::StatusCode::kInvalidArgument,
                                          HasSubstr("`-- PROGRAM")));
  EXPECT_THAT(Plan(nothing, std::vector<std::string>{}), Not(IsOk()));
  EXPECT_THAT(Plan(nothing, std::vector<std::string>{""}), Not(IsOk()));
  EXPECT_THAT(Plan(nothing, std::vector<std::string>{"echo hi"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("did you mean -c 'echo hi'?")));
}

TEST(MakePlanTest, OptionsThatContradictEachOther) {
  const std::vector<std::function<void(Given&)>> bad = {
      [](Given& given) { SetCommand(given, "both"); },
      [](Given& given) { given.command.interpreter = "bash"; },
      [](RunOptions& options) {
        options.largest_status = true;
        options.min_success = "90%";
      },
      [](RunOptions& options) {
        options.detach = true;
        options.wait = absl::Seconds(1);
      },
      [](RunOptions& options) {
        options.detach = true;
        options.show.gather = true;
      },
      [](RunOptions& options) { options.expire = absl::Hours(2); },
      [](RunOptions& options) {
        options.offline = "ok";
        options.rollout.stop_after = "1";
        options.rollout.count_offline = true;
      },
      [](RunOptions& options) { options.targets.clear(); },
      [](RunOptions& options) { options.local = true; },
      [](RunOptions& options) {
        options.targets.clear();
        options.local = true;
        options.pick = "1";
      },
      [](RunOptions& options) {
        options.target_files = {"-"};
        options.process.environment_files = {"-"};
      },
  };
  for (size_t i = 0; i < bad.size(); ++i) {
    EXPECT_THAT(Plan(bad[i]), StatusIs(absl::StatusCode::kInvalidArgument,
                                       Not(HasSubstr("\n"))))
        << i;
  }
}

TEST(MakePlanTest, TheControllersHostNeedsNoTargets) {
  EXPECT_THAT(Plan([](RunOptions& options) {
                options.targets.clear();
                options.local = true;
              }),
              IsOk());
}

TEST(MakePlanTest, ValuesThatAreNone) {
  const std::vector<std::function<void(Given&)>> bad = {
      [](RunOptions& options) { options.offline = "maybe"; },
      [](RunOptions& options) { options.on_interrupt = "cry"; },
      [](RunOptions& options) { options.min_success = "most"; },
      [](RunOptions& options) { options.rollout.fanout = "some"; },
      [](RunOptions& options) { options.expect = "few"; },
      [](RunOptions& options) { options.id = "17"; },
      [](RunOptions& options) { options.name = "17"; },
      [](RunOptions& options) { options.name = "last"; },
      [](RunOptions& options) { options.name = "a\nb"; },
  };
  for (size_t i = 0; i < bad.size(); ++i) {
    EXPECT_THAT(Plan(bad[i]), Not(IsOk())) << i;
  }
}

// If this fails, a script is told of a tool that Debian 12 does not have.
TEST(MakePlanTest, AnIdOfAnotherVersionSaysHowToMakeOne) {
  for (const char* bad : {"01890a5d-ac96-474b-bcce-b302099a8057",
                          "01890a5d-ac96-774b-fcce-b302099a8057"}) {
    EXPECT_THAT(Plan([bad](RunOptions& options) { options.id = bad; }),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(StartsWith("--id: "), HasSubstr("sed"))));
  }
  EXPECT_THAT(Plan([](RunOptions& options) {
                options.id = "01890a5d-ac96-774b-bcce-b302099a8057";
              }),
              IsOk());
}

TEST(ParseExpectedCountTest, NumbersAndRanges) {
  EXPECT_EQ(ParseExpectedCount("30").value().least, 30u);
  EXPECT_EQ(ParseExpectedCount("30").value().most, 30u);
  EXPECT_EQ(ParseExpectedCount("20-40").value().least, 20u);
  EXPECT_EQ(ParseExpectedCount("20-40").value().most, 40u);
  for (const char* bad : {"", "few", "40-20", "-3", "3-", "1-2-3"}) {
    EXPECT_THAT(ParseExpectedCount(bad), Not(IsOk())) << bad;
  }
}

}  // namespace
}  // namespace tutti::cli
