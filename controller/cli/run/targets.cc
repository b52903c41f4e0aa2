#include "controller/cli/run/targets.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/targets/node_set.h"
#include "controller/cli/exit_status.h"

namespace tutti::cli {
namespace {

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return "";
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

absl::StatusOr<std::string> ReadTargets(const std::string& path) {
  return ReadFile(path == "-" ? "/dev/stdin" : path);
}

void AppendExpression(std::string_view expression, std::string& text) {
  if (!text.empty()) text += ',';
  text += expression;
}

absl::Status NotAsAsked(std::string_view what) {
  return WithExitStatus(
      PermissionDenied("the controller's answer is not what was asked for: {}; "
                       "nothing was started, have the controller looked at",
                       what),
      kExitUnreachable);
}

}  // namespace

std::string WantedTargets::Description() const {
  if (exclusion_text.empty()) return text;
  return fmt::format("{} without {}", text, exclusion_text);
}

absl::StatusOr<std::vector<std::string>> ParseTargetFile(
    std::string_view path, std::string_view content) {
  std::vector<std::string> expressions;
  for (int line_number = 1; !content.empty(); ++line_number) {
    const size_t end = std::min(content.find('\n'), content.size());
    const std::string_view line = Trim(content.substr(0, end));
    content.remove_prefix(std::min(end + 1, content.size()));
    if (line.find('\0') != line.npos) {
      return InvalidArgument(
          "{}:{}: there is a NUL byte; write one name or expression a line",
          path, line_number);
    }
    if (line.empty() || line[0] == '#') continue;
    if (const auto parsed = TargetExpression::Parse(line); !parsed.ok()) {
      return InvalidArgument("{}:{}: {}", path, line_number,
                             std::string(parsed.status().message()));
    }
    expressions.emplace_back(line);
  }
  if (expressions.empty()) {
    return InvalidArgument("{} names no target; write one a line", path);
  }
  return expressions;
}

absl::StatusOr<WantedTargets> ParseTargets(const RunOptions& options) {
  WantedTargets wanted;
  for (const std::string& text : options.targets) {
    TUTTI_RETURN_IF_ERROR(TargetExpression::Parse(text).status());
    AppendExpression(text, wanted.text);
  }
  for (const std::string& path : options.target_files) {
    TUTTI_ASSIGN_OR_RETURN(const std::string content, ReadTargets(path));
    TUTTI_ASSIGN_OR_RETURN(
        const std::vector<std::string> expressions,
        ParseTargetFile(path == "-" ? "standard input" : path, content));
    for (const std::string& text : expressions) {
      AppendExpression(text, wanted.text);
    }
  }
  TUTTI_ASSIGN_OR_RETURN(wanted.expression,
                         TargetExpression::Parse(wanted.text));
  for (const std::string& text : options.exclusions) {
    TUTTI_RETURN_IF_ERROR(TargetExpression::Parse(text).status());
    AppendExpression(text, wanted.exclusion_text);
  }
  if (!wanted.exclusion_text.empty()) {
    TUTTI_ASSIGN_OR_RETURN(wanted.exclusion,
                           TargetExpression::Parse(wanted.exclusion_text));
  }
  return wanted;
}

absl::StatusOr<std::vector<std::string>> CheckAnswer(
    const WantedTargets& wanted, const v1::ResolveTargetsResponse& answer) {
  if (answer.targets().empty()) {
    return InvalidArgument(
        "no target is left of '{}'; look at `tutti agent list`",
        wanted.Description());
  }
  TUTTI_ASSIGN_OR_RETURN(std::vector<std::string> names,
                         ExpandNames(answer.targets()));
  const auto is_excluded = [&wanted](const std::string& name) {
    return wanted.exclusion && wanted.exclusion->Matches(name);
  };
  for (const std::string& name : names) {
    if (!wanted.expression.Matches(name) || is_excluded(name)) {
      return NotAsAsked(fmt::format("{} was added", name));
    }
  }
  std::vector<std::string> unknown;
  if (!answer.unknown().empty()) {
    TUTTI_ASSIGN_OR_RETURN(unknown, ExpandNames(answer.unknown()));
  }
  for (const std::string& name : wanted.expression.Select(names).unknown) {
    const bool is_unknown =
        std::binary_search(unknown.begin(), unknown.end(), name);
    if (!is_unknown && !is_excluded(name)) {
      return NotAsAsked(fmt::format("{} was left out", name));
    }
  }
  return names;
}

}  // namespace tutti::cli
