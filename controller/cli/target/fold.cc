#include <CLI/CLI.hpp>
#include <memory>

#include "common/base/status_macros.h"
#include "common/targets/node_set.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/target/names.h"
#include "controller/cli/target/target.h"

namespace tutti::cli {
namespace {

absl::StatusOr<int> Fold(const std::vector<std::string>& words,
                         Context& context) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> expressions,
                         TakeExpressions(words));
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                         NamesOf(expressions, context));
  if (names.empty()) return kExitOk;
  Show(context, FoldNames(names) + "\n");
  return kExitOk;
}

}  // namespace

void AddTargetFold(CLI::App& target, Context& context) {
  auto words = std::make_shared<std::vector<std::string>>();
  CLI::App& verb = AddVerb(
      target, "fold", "Print the shortest expression for the names", context);
  AddExpressions(verb, *words);
  SetExamples(verb, {{"tutti target fold web1 web2 web3", "web[1-3]"},
                     {"tutti agent list -o names | tutti target fold -", ""}});
  SetAction(verb, context,
            [words](Context& context) { return Fold(*words, context); });
}

}  // namespace tutti::cli
