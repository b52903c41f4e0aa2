#include <CLI/CLI.hpp>
#include <memory>

#include "common/base/status_macros.h"
#include "common/targets/target_expression.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/target/explanation.h"
#include "controller/cli/target/names.h"
#include "controller/cli/target/target.h"

namespace tutti::cli {
namespace {

absl::StatusOr<int> ExplainAll(const std::vector<std::string>& words,
                               Context& context) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> expressions,
                         TakeExpressions(words));
  TUTTI_ASSIGN_OR_RETURN(const TargetExpression expression,
                         TargetExpression::ParseUnited(expressions));
  Explanation explanation(context);
  TUTTI_RETURN_IF_ERROR(explanation.Add(expression.root(), /*indent=*/0));
  Show(context, explanation.text());
  return kExitOk;
}

}  // namespace

void AddTargetExplain(CLI::App& target, Context& context) {
  auto words = std::make_shared<std::vector<std::string>>();
  CLI::App& verb =
      AddVerb(target, "explain", "Print how an expression is read", context);
  AddExpressions(verb, *words);
  SetExamples(verb, {{"tutti target explain 'web*,db1!web07'", ""},
                     {"tutti target explain '@web!@job:last:completed'",
                      "asks the controller"}});
  SetAction(verb, context,
            [words](Context& context) { return ExplainAll(*words, context); });
}

}  // namespace tutti::cli
