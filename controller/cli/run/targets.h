// Which targets `run` means, and whether the controller's answer is that.
#ifndef CONTROLLER_CLI_RUN_TARGETS_H_
#define CONTROLLER_CLI_RUN_TARGETS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/targets/target_expression.h"
#include "controller/cli/run/options.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

// --pick and --first.
struct Portion {
  uint64_t count = 0;
  // Otherwise the first ones, by name.
  bool random = false;
};

// Expressions as text and parsed.
struct WantedTargets {
  // United, as the operator wrote them: "web[01-20],db1".
  std::string text;
  TargetExpression expression;
  // Empty text: nothing is excluded.
  std::string exclusion_text;
  std::optional<TargetExpression> exclusion;
  // Not all of what they select.
  std::optional<Portion> portion;
  // --if-empty ok: they may be nobody.
  bool may_be_empty = false;

  // Whether `name` is meant, as far as names can tell.
  Match Selects(const std::string& name) const;
  // For people and for the audit: "3 at random of web* without web03".
  std::string Description() const;
};

// From -t, -T, -x, --local, --pick, --first and --if-empty; without -t and -T
// all that `parameters` are about. INVALID_ARGUMENT names the expression, and
// with -T the file and line.
absl::StatusOr<WantedTargets> ParseTargets(
    const RunOptions& options,
    const std::optional<ParameterTable>& parameters = std::nullopt);

// The names of the answer, sorted bytewise. PERMISSION_DENIED when they are
// not what the expressions say: a plain name was left out, or one was added
// that no expression matches. Only which of the matching names exist, what
// their labels and facts are, and what groups and results of jobs stand for has
// to be believed.
absl::StatusOr<std::vector<std::string>> CheckAnswer(
    const WantedTargets& wanted, const v1::ResolveTargetsResponse& answer);

// Leaves the portion of the names, all of them when there are no more, and of
// the answer what is said of these.
void KeepPortion(const Portion& portion, std::vector<std::string>& names,
                 v1::ResolveTargetsResponse& answer);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_TARGETS_H_
