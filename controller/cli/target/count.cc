#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/base/status_macros.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/target/names.h"
#include "controller/cli/target/target.h"

namespace tutti::cli {
namespace {

absl::StatusOr<int> Count(const std::vector<std::string>& words,
                          Context& context) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> expressions,
                         TakeExpressions(words));
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                         NamesOf(expressions, context));
  Show(context, fmt::format("{}\n", names.size()));
  return kExitOk;
}

}  // namespace

void AddTargetCount(CLI::App& target, Context& context) {
  auto words = std::make_shared<std::vector<std::string>>();
  CLI::App& verb = AddVerb(target, "count", "Print how many they are", context);
  AddExpressions(verb, *words);
  SetExamples(verb, {{"tutti target count 'r[1-4]n[01-16]'", "64"},
                     {"tutti target count all", "of the fleet"}});
  SetAction(verb, context,
            [words](Context& context) { return Count(*words, context); });
}

}  // namespace tutti::cli
