#include "controller/cli/run/run.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

#include "common/base/status_macros.h"
#include "controller/cli/run/options.h"
#include "controller/cli/run/run_plan.h"

namespace tutti::cli {
namespace {

absl::StatusOr<RunPlan> PlanRun(const RunOptions& options,
                                const CommandOptions& command,
                                const Context& context) {
  TUTTI_ASSIGN_OR_RETURN(v1::JobSpec work, MakeCommand(command, context.tail));
  return MakePlan(options, std::move(work));
}

}  // namespace

void AddRun(CLI::App& root, Context& context) {
  auto options = std::make_shared<RunOptions>();
  auto command = std::make_shared<CommandOptions>();
  CLI::App& verb = AddVerb(
      root, "run", "Run one command on many targets and show what they say",
      context);
  AddRunOptions(verb, context, *options);
  AddCommandOptions(verb, *command);
  SetExamples(
      verb,
      {{"tutti run -t web01,web02 -- uptime", ""},
       {"tutti run -t 'web[01-40]' -x web07 -f 10 -- systemctl restart nginx",
        "ten at a time"},
       {"tutti run -t all --max-failures 3 -- apt-get -y upgrade",
        "three at a time, and it ends before a fourth can fail"},
       {"tutti run -t all --max-per-label rack=1 -- systemctl restart nginx",
        "never two of a rack at once"},
       {"tutti run -t all --where \"SELECT 1 FROM mounts WHERE path = '/srv'\" "
        "-- df -h /srv",
        "only where there is one"},
       {"tutti run -t @web -x @job:last:completed -- apt-get -y upgrade",
        "those of the group that your newest job has not done"},
       {"tutti run -t all -b -c 'df -h / | tail -1'",
        "through /bin/sh, equal output once"},
       {"tutti run -t all --nice 10 --memory 512MiB -- updatedb",
        "out of the way of others"},
       {"tutti run --per-target ports.txt -c 'serve -p $TUTTI_PARAM_PORT'",
        "a port for each of them, a line a target: web01 port=8080"},
       {"tutti run -t web01 --secret TOKEN=@token.txt -- ./publish",
        "in its environment there, and in no log or journal"},
       {"tutti run -t 'web*' --no-keep -- tail -F /var/log/messages",
        "for days: nothing of it is kept once it was shown"},
       {"tutti run --local -- systemctl status nginx",
        "on the controller's own host"},
       {"tutti run -t 'db*' -n -- reboot", "only look at what would happen"}});
  SetAction(verb, context, [options, command](Context& context) {
    return RunPlanned(*options, PlanRun(*options, *command, context), context);
  });
}

}  // namespace tutti::cli
