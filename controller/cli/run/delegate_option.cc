#include "controller/cli/run/delegate_option.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <set>
#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/signing/delegation.h"
#include "common/targets/target_expression.h"

namespace tutti::cli {
namespace {

constexpr absl::Duration kDefaultLife = absl::Hours(1);

// "run,query" and the like, as jobs call them.
absl::StatusOr<std::vector<std::string>> ParseKinds(
    const std::vector<std::string>& values) {
  if (values.empty()) {
    return std::vector<std::string>{"command", "query", "script"};
  }
  std::set<std::string> kinds;
  for (const std::string& value : values) {
    for (size_t begin = 0; begin <= value.size();) {
      const size_t end = std::min(value.find(',', begin), value.size());
      std::string kind = value.substr(begin, end - begin);
      if (kind == "run") kind = "command";
      if (!IsDelegableKind(kind)) {
        return InvalidArgument(
            "--delegate-kinds: '{}' is no kind of job; name run, script, "
            "query, copy, fetch, or an add-in kind",
            kind);
      }
      kinds.insert(std::move(kind));
      begin = end + 1;
    }
  }
  return std::vector<std::string>(kinds.begin(), kinds.end());
}

}  // namespace

void AddDelegateOptions(CLI::App& verb, DelegateOptions& options) {
  AddRepeatable(verb, "--delegate", options.targets,
                "With --local: the job may use tutti in your name on these "
                "targets; repeatable, see docs/local.md")
      ->type_name("EXPR");
  AddRepeatable(verb, "--delegate-kinds", options.kinds,
                "For jobs of these kinds; default: run,script,query")
      ->type_name("KINDS");
  AddDuration(verb, "--delegate-for", options.life,
              "For so long, at most 24h; default: 1h");
}

absl::StatusOr<std::optional<DelegatePlan>> ParseDelegate(
    const DelegateOptions& options) {
  if (options.targets.empty()) {
    if (options.kinds.empty() && !options.life) return std::nullopt;
    return InvalidArgument(
        "--delegate-kinds and --delegate-for say what --delegate allows; name "
        "targets with that, or leave them out");
  }
  DelegatePlan plan;
  plan.targets = options.targets;
  if (const auto parsed = TargetExpression::ParseUnited(plan.targets);
      !parsed.ok()) {
    return WithPrefix("--delegate", parsed.status());
  }
  TUTTI_ASSIGN_OR_RETURN(plan.kinds, ParseKinds(options.kinds));
  plan.life = options.life.value_or(kDefaultLife);
  if (plan.life < absl::Seconds(1) || plan.life > kMaxDelegationLife) {
    return InvalidArgument("--delegate-for: {} is out of range; give 1s to {}",
                           tutti::FormatDuration(plan.life),
                           tutti::FormatDuration(kMaxDelegationLife));
  }
  return plan;
}

}  // namespace tutti::cli
