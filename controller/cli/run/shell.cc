#include "controller/cli/run/shell.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "controller/cli/run/options.h"
#include "controller/cli/run/run_plan.h"

namespace tutti::cli {
namespace {

// $SHELL is the user's own, on the target.
constexpr char kLoginShell[] = "exec \"${SHELL:-/bin/sh}\" -l";

absl::StatusOr<RunPlan> PlanShell(const RunOptions& options,
                                  const Context& context) {
  CommandOptions command;
  if (!context.tail) {
    command.has_text = true;
    command.text = kLoginShell;
  }
  TUTTI_ASSIGN_OR_RETURN(v1::JobSpec work, MakeCommand(command, context.tail));
  return MakePlan(options, std::move(work));
}

}  // namespace

void AddShell(CLI::App& root, Context& context) {
  auto options = std::make_shared<RunOptions>();
  options->targets.resize(1);
  options->input.terminal = true;
  // Ends with the status of the shell.
  options->largest_status = true;
  options->quiet = true;
  options->yes = true;
  CLI::App& verb = AddVerb(
      root, "shell",
      "A terminal on one target, in the user's login shell or in the program "
      "behind `--`. ~. at the beginning of a line leaves",
      context);
  verb.add_option("HOST", options->targets[0], "Target")->required();
  AddProcessOptions(verb, options->process);
  verb.add_option("--name", options->name,
                  "Name of the job; need not be unique")
      ->type_name("NAME");
  SetExamples(verb,
              {{"tutti shell web01", "as the target's default user"},
               {"tutti shell --sudo db1", "as root"},
               {"tutti shell web01 -- top", "one program, in a terminal"}});
  SetAction(verb, context, [options](Context& context) {
    return RunPlanned(*options, PlanShell(*options, context), context);
  });
}

}  // namespace tutti::cli
