#include "controller/cli/run/rollout.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/run/max_per_label.h"

namespace tutti::cli {
namespace {

constexpr uint64_t kHighestRate = 1'000'000;

uint64_t DivideUp(uint64_t number, uint64_t by) {
  return (number + by - 1) / by;
}

absl::Status ParseShareInto(std::string_view option, const std::string& text,
                            std::optional<Share>& share) {
  if (text.empty()) return absl::OkStatus();
  TUTTI_ASSIGN_OR_RETURN(share, ParseShare(option, text));
  return absl::OkStatus();
}

struct RateUnit {
  std::string_view name;
  absl::Duration time;
};
constexpr RateUnit kRateUnits[] = {
    {"s", absl::Seconds(1)}, {"m", absl::Minutes(1)}, {"h", absl::Hours(1)}};

// Zero: there is no such unit.
absl::Duration UnitOf(std::string_view name) {
  for (const RateUnit& unit : kRateUnits) {
    if (unit.name == name) return unit.time;
  }
  return absl::ZeroDuration();
}

// "50/s": in the smallest unit in which it is a whole number, or nearly so in
// the largest.
std::string RateText(absl::Duration interval) {
  for (const RateUnit& unit : kRateUnits) {
    const double number = absl::FDivDuration(unit.time, interval);
    // An interval is kept in whole nanoseconds.
    const double error = number / absl::ToDoubleNanoseconds(interval);
    if (number >= 1 - error &&
        std::abs(number - std::round(number)) <= error + 1e-9) {
      return fmt::format("{:.0f}/{}", number, unit.name);
    }
  }
  return fmt::format("one in {}", tutti::FormatDuration(interval));
}

absl::Status CheckLimits(const RolloutPlan& plan) {
  if (!plan.stop_after && !plan.max_failures) {
    if (plan.stop_running) {
      return InvalidArgument(
          "--stop-running is for when a limit is reached; add --stop-after or "
          "--max-failures, or leave it out");
    }
    if (plan.count_offline) {
      return InvalidArgument(
          "--count-offline is about what counts as a failure; add --stop-after "
          "or --max-failures, or leave it out");
    }
  }
  if (plan.stop_after && plan.max_failures &&
      plan.stop_after->number > plan.max_failures->number &&
      plan.max_failures->number > 0) {
    return InvalidArgument(
        "--stop-after {} is never reached with --max-failures {}; give a "
        "smaller one, or leave it out",
        plan.stop_after->text, plan.max_failures->text);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Share> ParseMaxFailures(std::string_view option,
                                       std::string_view text) {
  if (text == "0" || text == "0%") {
    return InvalidArgument(
        "{}: {} leaves no room to start anything; 1 goes one at a time and "
        "ends at the first failure",
        option, text);
  }
  return ParseShare(option, text);
}

absl::StatusOr<absl::Duration> ParseStartRate(std::string_view text) {
  if (text.empty()) return absl::ZeroDuration();
  const size_t slash = std::min(text.find('/'), text.size());
  uint64_t number = 0;
  const absl::Duration unit =
      UnitOf(text.substr(std::min(slash + 1, text.size())));
  if (!ParseWhole(text.substr(0, slash), number) || number == 0 ||
      number > kHighestRate || unit == absl::ZeroDuration()) {
    return InvalidArgument(
        "--start-rate: '{}' is no rate from 1 to {}; write 50/s, 30/m or 10/h",
        text, kHighestRate);
  }
  return unit / static_cast<int64_t>(number);
}

absl::StatusOr<RolloutPlan> ParseRollout(const RolloutOptions& options) {
  RolloutPlan plan;
  TUTTI_RETURN_IF_ERROR(
      ParseShareInto("--fanout", options.fanout, plan.fanout));
  TUTTI_ASSIGN_OR_RETURN(plan.max_per_label,
                         ParseMaxPerLabel(options.max_per_label, /*least=*/1));
  TUTTI_RETURN_IF_ERROR(
      ParseShareInto("--quorum", options.quorum, plan.quorum));
  TUTTI_RETURN_IF_ERROR(
      ParseShareInto("--canary", options.canary, plan.canary));
  if (options.canary_wait && !plan.canary) {
    return InvalidArgument(
        "--canary-wait is the pause after the canary; add --canary N, or leave "
        "it out");
  }
  plan.canary_wait = options.canary_wait.value_or(absl::ZeroDuration());
  TUTTI_RETURN_IF_ERROR(ParseShareInto("--batch", options.batch, plan.batch));
  if (options.batch_wait && !plan.batch) {
    return InvalidArgument(
        "--batch-wait is the pause between batches; add --batch N, or leave it "
        "out");
  }
  plan.batch_wait = options.batch_wait.value_or(absl::ZeroDuration());
  TUTTI_ASSIGN_OR_RETURN(plan.start_interval,
                         ParseStartRate(options.start_rate));
  plan.splay = options.splay.value_or(absl::ZeroDuration());
  TUTTI_RETURN_IF_ERROR(
      ParseShareInto("--stop-after", options.stop_after, plan.stop_after));
  if (!options.max_failures.empty()) {
    TUTTI_ASSIGN_OR_RETURN(
        plan.max_failures,
        ParseMaxFailures("--max-failures", options.max_failures));
  }
  plan.count_offline = options.count_offline;
  plan.stop_running = options.stop_running;
  TUTTI_RETURN_IF_ERROR(CheckLimits(plan));
  return plan;
}

AtOnce AtOnceOf(const RolloutPlan& plan, uint64_t targets,
                uint32_t default_fanout) {
  AtOnce at_once;
  at_once.number = targets;
  const uint32_t fanout =
      plan.fanout ? plan.fanout->RoundedUp(targets) : default_fanout;
  if (fanout > 0) at_once.number = std::min<uint64_t>(targets, fanout);
  const auto bound = [&](uint64_t number, std::string_view option,
                         const Share& share) {
    if (number >= at_once.number) return;
    at_once.number = number;
    at_once.because = fmt::format("{} {}", option, share.text);
  };
  if (plan.batch) {
    bound(plan.batch->RoundedUp(targets), "--batch", *plan.batch);
  }
  if (plan.max_failures) {
    bound(plan.max_failures->RoundedDown(targets), "--max-failures",
          *plan.max_failures);
  }
  return at_once;
}

absl::Status CheckQuorum(const RolloutPlan& plan, uint64_t targets) {
  if (!plan.quorum || plan.quorum->RoundedUp(targets) <= targets) {
    return absl::OkStatus();
  }
  return InvalidArgument(
      "--quorum {}: there are only {}; give no more than that, or a part of "
      "them, as in 90%",
      plan.quorum->text, Counted(targets, "target"));
}

v1::Rollout MakeRollout(const RolloutPlan& plan, uint64_t targets) {
  v1::Rollout rollout;
  if (plan.quorum) rollout.set_quorum(plan.quorum->RoundedUp(targets));
  rollout.mutable_max_per_label()->Assign(plan.max_per_label.begin(),
                                          plan.max_per_label.end());
  if (plan.canary) {
    rollout.set_canary(plan.canary->RoundedUp(targets));
    *rollout.mutable_canary_wait() = ToProto(plan.canary_wait);
  }
  if (plan.batch) {
    rollout.set_batch(plan.batch->RoundedUp(targets));
    *rollout.mutable_batch_wait() = ToProto(plan.batch_wait);
  }
  *rollout.mutable_start_interval() = ToProto(plan.start_interval);
  *rollout.mutable_splay() = ToProto(plan.splay);
  if (plan.stop_after) {
    rollout.set_stop_after(plan.stop_after->RoundedDown(targets));
  }
  if (plan.max_failures) {
    rollout.set_max_failures(plan.max_failures->RoundedDown(targets));
  }
  rollout.set_count_offline(plan.count_offline);
  rollout.set_stop_running(plan.stop_running);
  return rollout;
}

absl::Duration PausesOf(const RolloutPlan& plan, uint64_t targets,
                        uint64_t at_once) {
  absl::Duration pauses =
      plan.canary_wait + plan.start_interval * static_cast<int64_t>(targets) +
      plan.splay * static_cast<int64_t>(
                       DivideUp(targets, std::max<uint64_t>(1, at_once)));
  if (plan.batch) {
    const uint64_t batches = DivideUp(targets, plan.batch->RoundedUp(targets));
    pauses += plan.batch_wait * static_cast<int64_t>(batches);
  }
  return pauses;
}

std::vector<std::string> RuleTexts(const v1::Rollout& rollout) {
  std::vector<std::string> texts;
  if (rollout.quorum() > 0) {
    texts.push_back(fmt::format("not before a quorum of {}", rollout.quorum()));
  }
  for (const v1::MaxPerLabel& limit : rollout.max_per_label()) {
    texts.push_back(
        fmt::format("at most {} of each {}", limit.max(), limit.label()));
  }
  if (rollout.canary() > 0) {
    texts.push_back(fmt::format("a canary of {} first", rollout.canary()));
    const absl::Duration wait = ToDuration(rollout.canary_wait());
    if (wait > absl::ZeroDuration()) {
      texts.back() +=
          fmt::format(", the others {} later", tutti::FormatDuration(wait));
    }
  }
  if (rollout.batch() > 0) {
    texts.push_back(fmt::format("batches of {}", rollout.batch()));
    const absl::Duration wait = ToDuration(rollout.batch_wait());
    if (wait > absl::ZeroDuration()) {
      texts.back() += fmt::format(", {} apart", tutti::FormatDuration(wait));
    }
  }
  if (const absl::Duration interval = ToDuration(rollout.start_interval());
      interval > absl::ZeroDuration()) {
    texts.push_back("at most " + RateText(interval));
  }
  if (const absl::Duration splay = ToDuration(rollout.splay());
      splay > absl::ZeroDuration()) {
    texts.push_back(
        fmt::format("each put off by up to {}", tutti::FormatDuration(splay)));
  }
  if (rollout.stop_after() > 0) {
    texts.push_back(fmt::format("no new starts after {}",
                                Counted(rollout.stop_after(), "failure")));
  }
  if (rollout.max_failures() > 0) {
    texts.push_back(fmt::format("ends at {}, never more",
                                Counted(rollout.max_failures(), "failure")));
  }
  if (rollout.count_offline()) {
    texts.emplace_back("offline targets are failures");
  }
  if (rollout.stop_running()) texts.emplace_back("what runs then is stopped");
  return texts;
}

Json RolloutToJson(const v1::Rollout& rollout) {
  const auto seconds = [](const google::protobuf::Duration& duration) {
    return absl::ToDoubleSeconds(ToDuration(duration));
  };
  Json max_per_label = Json::object();
  for (const v1::MaxPerLabel& limit : rollout.max_per_label()) {
    max_per_label[limit.label()] = limit.max();
  }
  return {{"quorum", rollout.quorum()},
          {"max_per_label", std::move(max_per_label)},
          {"canary", rollout.canary()},
          {"canary_wait_seconds", seconds(rollout.canary_wait())},
          {"batch", rollout.batch()},
          {"batch_wait_seconds", seconds(rollout.batch_wait())},
          {"start_interval_seconds", seconds(rollout.start_interval())},
          {"splay_seconds", seconds(rollout.splay())},
          {"stop_after", rollout.stop_after()},
          {"max_failures", rollout.max_failures()},
          {"count_offline", rollout.count_offline()},
          {"stop_running", rollout.stop_running()}};
}

void AddRolloutOptions(CLI::App& verb, RolloutOptions& options) {
  verb.add_option("-f,--fanout", options.fanout,
                  "How many at once: 10, 25%; default: all, or the fleet's "
                  "setting")
      ->type_name("N");
  AddRepeatable(verb, "--max-per-label", options.max_per_label,
                "No more than so many at once of those that agree in a label "
                "or fact: rack=1; repeatable")
      ->type_name("LABEL=N");
  verb.add_option("--canary", options.canary,
                  "So many first: the others follow when all of these have "
                  "completed, otherwise when you say `tutti job approve`")
      ->type_name("N");
  AddDuration(verb, "--canary-wait", options.canary_wait,
              "Pause after a canary that completed");
  verb.add_option("--batch", options.batch,
                  "So many start; the next so many when the last of these is "
                  "done: 10, 25%")
      ->type_name("N");
  AddDuration(verb, "--batch-wait", options.batch_wait,
              "Pause from the end of a batch to the next one");
  verb.add_option("--start-rate", options.start_rate,
                  "Start no faster than this: 50/s, 30/m, 10/h")
      ->type_name("RATE");
  AddDuration(verb, "--splay", options.splay,
              "Put each start off by a random part of this");
  verb.add_option("--stop-after", options.stop_after,
                  "Start nothing more once so many have failed: 5, 10%; what "
                  "is in flight goes on")
      ->type_name("N");
  verb.add_option("--max-failures", options.max_failures,
                  "Never more failures than this: 3, 10%; what is in flight "
                  "counts as a possible one, so no more are started at once")
      ->type_name("N");
  verb.add_flag("--count-offline", options.count_offline,
                "Targets that were offline from the start are failures, too");
  verb.add_flag("--stop-running", options.stop_running,
                "Stop what runs when --stop-after or --max-failures is "
                "reached");
}

void AddQuorumOption(CLI::App& verb, RolloutOptions& options) {
  verb.add_option("--quorum", options.quorum,
                  "Start nothing until so many targets have checked the job "
                  "and would start it: 9, 90%")
      ->type_name("N");
}

}  // namespace tutti::cli
