#include "controller/cli/run/card.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "common/base/duration.h"
#include "common/identity/certificate.h"
#include "common/jobs/work_summary.h"
#include "common/text/shell_quote.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/run/parameter_text.h"
#include "controller/cli/run/work_card.h"
#include "controller/cli/terminal.h"

namespace tutti::cli {
namespace {

// More groups of offline targets than this are counted, not named.
constexpr int kMaxOfflineGroups = 3;
// A longer command is cut in the line; the card has all of it.
constexpr int kCommandColumns = 120;

std::string OfflineGroup(const v1::OfflineTargets& group, absl::Time now) {
  return fmt::format("{}, {}", group.targets(),
                     LastSeen(ToTime(group.last_seen()), now));
}

uint64_t OfflineCount(const ResolvedRun& run) {
  uint64_t count = 0;
  for (const v1::OfflineTargets& group : run.answer.offline()) {
    count += group.count();
  }
  return count;
}

std::string OfflineText(const ResolvedRun& run, absl::Time now) {
  if (run.answer.offline().empty()) return "";
  std::vector<std::string> groups;
  for (const v1::OfflineTargets& group : run.answer.offline()) {
    if (groups.size() == kMaxOfflineGroups) {
      groups.emplace_back("and others");
      break;
    }
    groups.push_back(OfflineGroup(group, now));
  }
  return fmt::format(" ({} offline: {})", OfflineCount(run),
                     fmt::join(groups, "; "));
}

// "3 at once, because of --max-failures 3, ends at 3 failures, never more".
std::string RolloutText(const RunPlan& plan, const ResolvedRun& run) {
  std::string text = run.at_once.number >= run.names.size()
                         ? "all at once"
                         : fmt::format("{} at once", run.at_once.number);
  if (!run.at_once.because.empty()) {
    text += ", because of " + run.at_once.because;
  }
  for (const std::string& rule :
       RuleTexts(MakeRollout(plan.rollout, run.names.size()))) {
    text += ", " + rule;
  }
  return text;
}

std::string AtOnceText(const ResolvedRun& run) {
  if (run.at_once.number >= run.names.size()) {
    return fmt::format("all ({})", run.names.size());
  }
  if (run.at_once.because.empty()) return std::to_string(run.at_once.number);
  return fmt::format("{}, because of {}", run.at_once.number,
                     run.at_once.because);
}

// How many there are, and one target's.
std::string ParameterLines(const ResolvedRun& run) {
  if (run.parameters.empty()) return "";
  const bool all = run.parameters.size() == static_cast<int>(run.names.size());
  int most = 0;
  int least = all ? std::numeric_limits<int>::max() : 0;
  for (const v1::JobParameters& entry : run.parameters) {
    const auto parameters = ParseParameters(entry.parameters());
    const int count = parameters.ok() ? parameters->variables_size() : 0;
    most = std::max(most, count);
    least = std::min(least, count);
  }
  const auto shown = ParseParameters(run.parameters[0].parameters());
  return fmt::format("{}{} for each target; for {}:\n{}",
                     least < most ? fmt::format("{} to ", least) : "", most,
                     run.parameters[0].target(),
                     shown.ok() ? ParameterText(*shown) : "");
}

// "web[1-3]: command, query, until 2026-01-31 12:00 UTC (for 1h)".
std::string DelegationText(const RunPlan& plan, const ResolvedRun& run,
                           absl::Time now) {
  if (!plan.delegate) return "";
  return fmt::format("{}: {}, until {} (for {})", run.delegated_targets,
                     fmt::join(plan.delegate->kinds, ", "),
                     FormatDate(now + plan.delegate->life),
                     tutti::FormatDuration(plan.delegate->life));
}

// Never longer than the delegation through which it is signed.
absl::Duration ValidFor(const RunOptions& options, const RunPlan& plan,
                        const ResolvedRun& run, absl::Time now) {
  return std::min(SpecLife(options, plan, run),
                  absl::Trunc(run.signer_ends_at - now, absl::Seconds(1)));
}

std::string OfflineFate(const RunOptions& options, const RunPlan& plan,
                        const ResolvedRun& run) {
  switch (plan.offline) {
    case v1::OFFLINE_POLICY_WAIT:
      return fmt::format(
          "waited for up to {}",
          tutti::FormatDuration(options.expire.value_or(absl::Hours(24))));
    case v1::OFFLINE_POLICY_OK:
      return "not run and not counted (--offline ok)";
    default:
      return fmt::format(
          "fail; those seen a moment ago get {}",
          tutti::FormatDuration(ToDuration(run.answer.offline_grace())));
  }
}

std::string OfflineLines(const RunOptions& options, const RunPlan& plan,
                         const ResolvedRun& run, absl::Time now) {
  if (run.answer.offline().empty()) return "";
  std::string text =
      fmt::format("{}: {}", OfflineCount(run), OfflineFate(options, plan, run));
  for (const v1::OfflineTargets& group : run.answer.offline()) {
    text += "\n" + OfflineGroup(group, now);
  }
  return text;
}

}  // namespace

std::string CardLine(const RunPlan& plan, const ResolvedRun& run,
                     absl::Time now) {
  return fmt::format(
      "{}{} · {}{} · {} · {}{} · {}", run.fleet,
      plan.attempt == 1 ? "" : fmt::format(" · attempt {}", plan.attempt),
      Counted(run.names.size(), "target"), OfflineText(run, now),
      UserText(plan.work), RolloutText(plan, run),
      plan.delegate ? " · delegates " + DelegationText(plan, run, now) : "",
      Shorten(WorkSummary(plan.work), kCommandColumns));
}

std::string FullCard(const RunOptions& options, const RunPlan& plan,
                     const ResolvedRun& run, absl::Time now, bool color) {
  Card card(color);
  card.Add("fleet", run.fleet);
  if (plan.attempt > 1) {
    card.Add("attempt",
             fmt::format("{} of job {}", plan.attempt, run.uuid.ToString()));
  }
  card.Add("targets",
           fmt::format("{}: {}", run.names.size(), run.answer.targets()));
  card.Add("asked for", run.wanted.Description());
  card.Add("parameters", ParameterLines(run));
  card.Add("unknown", run.answer.unknown(), Style::kYellow);
  card.Add("offline", OfflineLines(options, plan, run, now), Style::kYellow);
  card.Add("user", plan.work.user().empty()
                       ? "each target's " + UserText(plan.work)
                       : UserText(plan.work).substr(5));
  card.Add("at once", AtOnceText(run));
  card.Add("rollout",
           fmt::format("{}", fmt::join(RuleTexts(MakeRollout(plan.rollout,
                                                             run.names.size())),
                                       "\n")));
  if (plan.content != nullptr) {
    const copy::ManifestTotals& totals = plan.content->totals;
    card.Add(
        "copies",
        fmt::format("{}, {} ({} to send) to {}", Counted(totals.files, "file"),
                    FormatSize(totals.bytes),
                    FormatSize(plan.content->packed_bytes),
                    ShellQuote(plan.work.copy().destination())),
        Style::kBold);
  }
  card.Add("delegates", DelegationText(plan, run, now), Style::kYellow);
  AddLimitLines(plan.work, card);
  card.Add("valid for",
           tutti::FormatDuration(ValidFor(options, plan, run, now)));
  if (options.deadline) {
    card.Add("deadline", tutti::FormatDuration(*options.deadline));
  }
  card.Add("supersedes", options.supersede);
  card.Add("name", options.name);
  AddProgramLines(plan.work, card);
  if (plan.input.terminal) {
    card.Add("input", "your terminal");
  } else if (plan.input.fed) {
    card.Add("input", "your standard input, to all at once");
  }
  return card.Format();
}

Json CardJson(const RunOptions& options, const RunPlan& plan,
              const ResolvedRun& run, absl::Time now) {
  Json offline = Json::array();
  for (const v1::OfflineTargets& group : run.answer.offline()) {
    offline.push_back({{"targets", group.targets()},
                       {"count", group.count()},
                       {"last_seen", TimeToJson(ToTime(group.last_seen()))}});
  }
  Json json = {
      {"type", "dry_run"},
      {"fleet", run.fleet},
      {"targets", run.answer.targets()},
      {"target_count", run.names.size()},
      {"unknown", run.answer.unknown()},
      {"offline", std::move(offline)},
      {"at_once", run.at_once.number},
      {"at_once_because", run.at_once.because},
      {"rollout", RolloutToJson(MakeRollout(plan.rollout, run.names.size()))},
      {"attempt", plan.attempt},
      {"valid_seconds",
       absl::ToInt64Seconds(ValidFor(options, plan, run, now))}};
  if (options.deadline) {
    json["deadline_seconds"] = absl::ToDoubleSeconds(*options.deadline);
  }
  if (plan.delegate) {
    json["delegate"] = {{"targets", run.delegated_targets},
                        {"kinds", plan.delegate->kinds},
                        {"seconds", absl::ToInt64Seconds(plan.delegate->life)}};
  }
  if (!options.supersede.empty()) json["supersede"] = options.supersede;
  if (!run.parameters.empty()) {
    json["parameters"] = ParametersToJson(run.parameters);
  }
  AddWork(plan.work, json);
  json["stdin"] = plan.input.fed && !plan.input.terminal;
  json["tty"] = plan.input.terminal;
  if (plan.content != nullptr) {
    const copy::ManifestTotals& totals = plan.content->totals;
    json["files"] = totals.files;
    json["bytes"] = totals.bytes;
    json["packed_bytes"] = plan.content->packed_bytes;
  }
  return Versioned(json);
}

}  // namespace tutti::cli
