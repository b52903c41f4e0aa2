#include <CLI/CLI.hpp>
#include <memory>

#include "common/base/status_macros.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/target/names.h"
#include "controller/cli/target/target.h"

namespace tutti::cli {
namespace {

absl::StatusOr<int> Expand(const std::vector<std::string>& words,
                           Context& context) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> expressions,
                         TakeExpressions(words));
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                         NamesOf(expressions, context));
  if (IsJson(context.output)) {
    Show(context, FormatJson({{"names", names}}, context.output));
    return kExitOk;
  }
  std::string lines;
  for (const std::string& name : names) lines += name + "\n";
  Show(context, lines);
  return kExitOk;
}

}  // namespace

void AddTargetExpand(CLI::App& target, Context& context) {
  auto words = std::make_shared<std::vector<std::string>>();
  CLI::App& verb =
      AddVerb(target, "expand", "Print the names, one a line", context);
  AddExpressions(verb, *words);
  AddOutputOption(verb, context, {"names", "json", "jsonl"});
  SetExamples(verb, {{"tutti target expand 'web[01-20]!web07'", ""},
                     {"tutti target expand 'web* and not *1'",
                      "of the fleet: asks the controller"}});
  SetAction(verb, context,
            [words](Context& context) { return Expand(*words, context); });
}

}  // namespace tutti::cli
