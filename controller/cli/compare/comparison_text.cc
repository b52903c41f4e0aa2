#include "controller/cli/compare/comparison_text.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "common/jobs/states.h"
#include "common/targets/node_set.h"
#include "common/text/lines.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/terminal.h"

namespace tutti::cli {
namespace {

constexpr std::string_view kStreamNames[kStreams] = {"stdout", "stderr"};

Style StyleOfLine(std::string_view line) {
  switch (line.empty() ? ' ' : line.front()) {
    case '-':
      return Style::kRed;
    case '+':
      return Style::kGreen;
    case '@':
      return Style::kCyan;
    default:
      return Style::kNone;
  }
}

// Writes whole lines, harmless where that is wanted.
class LineWriter {
 public:
  explicit LineWriter(const ComparisonStyle& style) : style_(style) {}

  void Write(std::string_view line, Style line_style) {
    const std::string shown =
        style_.harmless ? Sanitize(line) : std::string(line);
    text_ += Paint(shown, line_style, style_.color) + '\n';
  }
  void WriteHunks(std::string_view hunks) {
    while (!hunks.empty()) {
      const std::string_view line = TakeLine(hunks);
      Write(line, StyleOfLine(line));
    }
  }
  std::string Take() { return std::move(text_); }

 private:
  const ComparisonStyle style_;
  std::string text_;
};

size_t TargetsCompared(const Comparison& comparison) {
  size_t count = comparison.same.size();
  for (const DifferentTargets& group : comparison.different) {
    count += group.targets.size();
  }
  return count;
}

void WriteSame(const ComparedJobs& compared, LineWriter& writer) {
  const size_t all = TargetsCompared(compared.comparison);
  const std::vector<std::string>& same = compared.comparison.same;
  if (all == 0) return;
  std::string text = same.size() == all ? Counted(all, "target")
                                        : fmt::format("{} of {}", same.size(),
                                                      Counted(all, "target"));
  text += " said the same";
  if (compared.second != nullptr) {
    text +=
        fmt::format(" in job {} as in job {}", compared.second->job.number(),
                    compared.first.job.number());
  }
  if (!same.empty()) text += ": " + FoldNames(same);
  writer.Write(text, Style::kNone);
}

void WriteDifferent(const ComparedJobs& compared,
                    const DifferentTargets& different, LineWriter& writer) {
  std::string from = FoldNames(compared.comparison.same);
  std::string to = FoldNames(different.targets);
  if (compared.second != nullptr) {
    from = fmt::format("job {}: {}", compared.first.job.number(), to);
    to = fmt::format("job {}: {}", compared.second->job.number(), to);
  }
  for (const auto& [stream, diff] : different.diffs) {
    const std::string_view remark = stream == 0 ? "" : " (stderr)";
    writer.Write(fmt::format("--- {}{}", from, remark), Style::kBold);
    writer.Write(fmt::format("+++ {}{}", to, remark), Style::kBold);
    if (diff.hunks.has_value()) {
      writer.WriteHunks(*diff.hunks);
    } else {
      writer.Write(fmt::format("{} or more only above, {} or more only below: "
                               "too much to be shown",
                               Counted(diff.removed_lines, "line"),
                               Counted(diff.added_lines, "line")),
                   Style::kYellow);
    }
  }
}

void WriteOnlyIn(const JobOutput& job, const std::vector<std::string>& targets,
                 LineWriter& writer) {
  if (targets.empty()) return;
  writer.Write(
      fmt::format("only in job {}: {}", job.job.number(), FoldNames(targets)),
      Style::kYellow);
}

void WriteNotRun(const JobOutput& job, absl::Time now, LineWriter& writer) {
  for (const TaskGroup& group : NotRun(job, now)) {
    writer.Write(fmt::format("nothing to compare in job {}: {} ({}{}{})",
                             job.job.number(), FoldNames(group.targets),
                             StateWords(group.state),
                             group.reason.empty() ? "" : ": ", group.reason),
                 Style::kYellow);
  }
}

Json TargetsToJson(const std::vector<std::string>& targets) {
  return {{"targets", FoldNames(targets)}, {"target_count", targets.size()}};
}

Json NotRunToJson(const JobOutput& job, absl::Time now) {
  Json groups = Json::array();
  for (const TaskGroup& group : NotRun(job, now)) {
    Json entry = TargetsToJson(group.targets);
    entry["job"] = job.job.number();
    entry["state"] = StateName(group.state);
    if (!group.reason.empty()) entry["reason"] = group.reason;
    groups.push_back(std::move(entry));
  }
  return groups;
}

}  // namespace

std::vector<TaskGroup> NotRun(const JobOutput& job, absl::Time now) {
  std::vector<NamedTask> tasks;
  for (const TargetOutput& target : job.targets) {
    if (!target.HasRun()) tasks.push_back({&target.name, &target.status});
  }
  return GroupTasks(tasks, now);
}

std::string FormatComparison(const ComparedJobs& compared,
                             const ComparisonStyle& style, absl::Time now) {
  LineWriter writer(style);
  WriteSame(compared, writer);
  for (const DifferentTargets& different : compared.comparison.different) {
    WriteDifferent(compared, different, writer);
  }
  WriteOnlyIn(compared.first, compared.comparison.only_first, writer);
  WriteNotRun(compared.first, now, writer);
  if (compared.second != nullptr) {
    WriteOnlyIn(*compared.second, compared.comparison.only_second, writer);
    WriteNotRun(*compared.second, now, writer);
  }
  return writer.Take();
}

Json ComparisonToJson(const ComparedJobs& compared, absl::Time now) {
  const Comparison& comparison = compared.comparison;
  Json json = {{"job", compared.first.job.number()}};
  if (compared.second != nullptr) {
    json["other_job"] = compared.second->job.number();
  }
  json["same"] = TargetsToJson(comparison.same);
  json["different"] = Json::array();
  for (const DifferentTargets& different : comparison.different) {
    Json entry = TargetsToJson(different.targets);
    entry["diffs"] = Json::array();
    for (const auto& [stream, diff] : different.diffs) {
      entry["diffs"].push_back(
          {{"stream", kStreamNames[stream]},
           {"removed_lines", diff.removed_lines},
           {"added_lines", diff.added_lines},
           {"hunks", diff.hunks ? BytesToJson(*diff.hunks) : Json()}});
    }
    json["different"].push_back(std::move(entry));
  }
  json["not_run"] = NotRunToJson(compared.first, now);
  if (compared.second != nullptr) {
    json["only_in_job"] = TargetsToJson(comparison.only_first);
    json["only_in_other_job"] = TargetsToJson(comparison.only_second);
    for (Json& entry : NotRunToJson(*compared.second, now)) {
      json["not_run"].push_back(std::move(entry));
    }
  }
  return json;
}

}  // namespace tutti::cli
