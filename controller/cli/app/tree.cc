#include "controller/cli/app/tree.h"

#include <CLI/CLI.hpp>

#include "controller/cli/agent/agent.h"
#include "controller/cli/app/completion.h"
#include "controller/cli/app/version.h"
#include "controller/cli/follow/receive.h"
#include "controller/cli/job/job.h"
#include "controller/cli/run/run.h"
#include "controller/cli/token/token.h"

namespace tutti::cli {
namespace {

CLI::App& AddNoun(CLI::App& root, const std::string& name,
                  const std::string& description) {
  CLI::App& noun = *root.add_subcommand(name, description);
  noun.set_help_flag("-h,--help", "Show this help");
  noun.allow_extras();
  noun.require_subcommand(0, 1);
  return noun;
}

}  // namespace

void BuildTree(CLI::App& root, Context& context) {
  AddGlobalOptions(root, context);
  root.allow_extras();
  root.require_subcommand(0, 1);

  AddRun(root, context);

  CLI::App& job = AddNoun(root, "job", "Jobs that run and that have run");
  AddJobList(job, context);
  AddJobShow(job, context);
  AddJobReceive(job, context);
  job.get_subcommand("receive")->alias("output")->alias("logs");
  AddJobWait(job, context);
  AddJobStop(job, context);
  AddJobRemove(job, context);

  CLI::App& agent = AddNoun(root, "agent", "The targets of the fleet");
  AddAgentList(agent, context);
  AddAgentShow(agent, context);
  AddAgentRemove(agent, context);

  CLI::App& token = AddNoun(root, "token", "Tokens with which targets join");
  AddTokenCreate(token, context);
  AddTokenList(token, context);
  AddTokenRevoke(token, context);

  AddVersion(root, context);
  AddCompletion(root, context);
}

std::vector<const CLI::App*> Below(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

const CLI::App& Chosen(const CLI::App& root) {
  const CLI::App* app = &root;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return *app;
}

std::string PathOf(const CLI::App& app) {
  if (app.get_parent() == nullptr) return app.get_name();
  return PathOf(*app.get_parent()) + " " + app.get_name();
}

std::vector<const CLI::Option*> NamedOptions(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) {
    return option->nonpositional() && !option->get_group().empty();
  });
}

std::vector<const CLI::Option*> Positionals(const CLI::App& app) {
  return app.get_options(
      [](const CLI::Option* option) { return option->get_positional(); });
}

bool TakesValue(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

bool TakesTail(const CLI::App& app) { return app.get_name() == "run"; }

}  // namespace tutti::cli
