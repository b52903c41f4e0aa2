#include "controller/cli/app/tree.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>

#include "common/text/utf8.h"
#include "controller/cli/agent/agent.h"
#include "controller/cli/app/completion.h"
#include "controller/cli/app/version.h"
#include "controller/cli/fetch/fetch.h"
#include "controller/cli/follow/receive.h"
#include "controller/cli/group/group.h"
#include "controller/cli/job/job.h"
#include "controller/cli/kind/kind.h"
#include "controller/cli/run/copy.h"
#include "controller/cli/run/query.h"
#include "controller/cli/run/retry.h"
#include "controller/cli/run/run.h"
#include "controller/cli/run/script.h"
#include "controller/cli/run/shell.h"
#include "controller/cli/target/target.h"
#include "controller/cli/token/token.h"

namespace tutti::cli {
namespace {

CLI::App& AddNoun(CLI::App& root, const std::string& name,
                  const std::string& description,
                  const std::vector<Example>& examples) {
  CLI::App& noun = *root.add_subcommand(name, description);
  noun.set_help_flag("-h,--help", "Show this help");
  noun.allow_extras();
  noun.require_subcommand(0, 1);
  SetExamples(noun, examples);
  return noun;
}

// Files of this host, and what a program on a target is given: any bytes. What
// other options take goes into the text fields of messages.
constexpr std::string_view kTakeBytes[] = {
    "--command",    "--config",       "--env",
    "--env-file",   "--interpreter",  "--out",
    "--output-dir", "--targets-from", "PATH... DIR"};

// What is wrong with a value, whatever the option. To a verb an empty value
// would look like none, and none often means the most: any name, every target.
std::string ValueMistake(const std::string& value, bool takes_bytes,
                         bool is_positional) {
  if (value.empty()) {
    return is_positional ? "the word is empty; give one"
                         : "the value is empty; leave the option out, or "
                           "give one";
  }
  if (takes_bytes || IsUtf8(value)) return "";
  return "'" + value + "' is not UTF-8; write it in UTF-8";
}

// For every option of `app` and below it, before the checks of its own.
void CheckValues(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (!TakesValue(*option)) continue;
    const bool takes_bytes =
        std::any_of(std::begin(kTakeBytes), std::end(kTakeBytes),
                    [option](std::string_view name) {
                      return option->check_name(std::string(name));
                    });
    const bool is_positional = option->get_positional();
    option->transform(CLI::Validator(
        [takes_bytes, is_positional](std::string& value) {
          return ValueMistake(value, takes_bytes, is_positional);
        },
        ""));
  }
  for (CLI::App* below : app.get_subcommands({})) CheckValues(*below);
}

}  // namespace

void BuildTree(CLI::App& root, Context& context) {
  AddGlobalOptions(root, context);
  root.allow_extras();
  root.require_subcommand(0, 1);

  AddRun(root, context);
  AddScript(root, context);
  AddCopy(root, context);
  AddFetch(root, context);
  AddQuery(root, context);
  AddShell(root, context);

  CLI::App& job = AddNoun(root, "job", "Jobs that run and that have run",
                          {{"tutti job list", "the newest 20"},
                           {"tutti job receive last --follow",
                            "output of your newest, until it is over"}});
  AddJobList(job, context);
  AddJobShow(job, context);
  AddJobReceive(job, context);
  job.get_subcommand("receive")->alias("output")->alias("logs");
  AddJobWait(job, context);
  AddJobDiff(job, context);
  AddJobRetry(job, context);
  AddJobApprove(job, context);
  AddJobStop(job, context);
  AddJobSuspend(job, context);
  AddJobResume(job, context);
  AddJobSet(job, context);
  AddJobRename(job, context);
  AddJobRemove(job, context);

  CLI::App& agent = AddNoun(
      root, "agent", "The targets of the fleet",
      {{"tutti agent list", "all of them"}, {"tutti agent show web01", ""}});
  AddAgentList(agent, context);
  AddAgentLabel(agent, context);
  AddAgentShow(agent, context);
  AddAgentRemove(agent, context);

  CLI::App& target =
      AddNoun(root, "target", "What target expressions mean",
              {{"tutti target expand 'web[01-20]!web07'", ""},
               {"tutti agent list -o names | tutti target fold -", ""}});
  AddTargetExpand(target, context);
  AddTargetFold(target, context);
  AddTargetCount(target, context);
  AddTargetExplain(target, context);

  CLI::App& group = AddNoun(root, "group", "Names for target expressions",
                            {{"tutti group set web 'web*,role=frontend'", ""},
                             {"tutti run -t @web -- uptime", ""}});
  AddGroupList(group, context);
  AddGroupShow(group, context);
  AddGroupSet(group, context);
  AddGroupRemove(group, context);

  CLI::App& kind =
      AddNoun(root, "kind", "Kinds of jobs that targets bring along",
              {{"tutti kind list -t all", "who has which"},
               {"tutti kind run apt-upgrade -t web01 -p upgrade=safe", ""}});
  AddKindList(kind, context);
  AddKindShow(kind, context);
  AddKindRun(kind, context);

  CLI::App& token = AddNoun(root, "token", "Tokens with which targets join",
                            {{"tutti token create --name web01 --out "
                              "web01.token",
                              "for one target"},
                             {"tutti token list", "those that are good"}});
  AddTokenCreate(token, context);
  AddTokenList(token, context);
  AddTokenRevoke(token, context);

  AddVersion(root, context);
  AddCompletion(root, context);
  CheckValues(root);
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

bool TakesTail(const CLI::App& app) {
  // Not the verb `run` of a noun.
  const CLI::App* const root = app.get_parent();
  return root != nullptr && root->get_parent() == nullptr &&
         (app.get_name() == "run" || app.get_name() == "script");
}

bool MayHaveTail(const CLI::App& app) {
  return TakesTail(app) || app.get_name() == "shell";
}

}  // namespace tutti::cli
