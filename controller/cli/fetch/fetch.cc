#include "controller/cli/fetch/fetch.h"

#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

#include "controller/cli/exit_status.h"
#include "controller/cli/fetch/fetch_options.h"
#include "controller/cli/fetch/fetch_view.h"
#include "controller/cli/follow/outcome.h"
#include "controller/cli/run/run_plan.h"

namespace tutti::cli {
namespace {

// Each target that sends has a few folders open. What is above the limit fails
// with a message of its own.
void AllowManyFiles() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

FetchViewOptions ViewOptions(const FetchOptions& options,
                             const Context& context) {
  FetchViewOptions view;
  view.folder = options.folder();
  view.gather = options.gather;
  view.preserve_owner = options.preserve_owner;
  view.json = IsJson(context.output);
  view.quiet = options.run.quiet;
  const Terminal& terminal = context.terminal;
  view.lines.harmless_output = terminal.OutputIsTerminal();
  view.lines.harmless_error = terminal.ErrorIsTerminal();
  view.lines.color_error = terminal.ErrorHasColor();
  return view;
}

absl::StatusOr<int> Fetch(FetchOptions& options, Context& context) {
  const absl::StatusOr<RunPlan> plan = MakeFetchPlan(options, geteuid() == 0);
  AllowManyFiles();
  bool failed = false;
  options.run.show.own_view = [&](const FollowedJob& job,
                                  Sinks sinks) -> std::unique_ptr<OutputView> {
    return std::make_unique<FetchView>(job, ViewOptions(options, context),
                                       &failed, sinks);
  };
  absl::StatusOr<int> status = RunPlanned(options.run, plan, context);
  if (!status.ok() || !failed || *status != kExitOk) return status;
  return kExitFailed;
}

}  // namespace

void AddFetch(CLI::App& root, Context& context) {
  auto options = std::make_shared<FetchOptions>();
  CLI::App& verb = AddVerb(
      root, "fetch",
      "Take files and folders from many targets: into DIR/TARGET, under the "
      "path that they have there",
      context);
  AddPositionals(verb, "PATH... DIR", options->words,
                 "Absolute paths on the targets, and the folder here; it is "
                 "made where it is missing, and files that are in it already "
                 "are replaced");
  verb.add_flag("-b,--gather", options->gather,
                "Keep one copy of what is the same (hard links), and say who "
                "has which");
  verb.add_flag("--follow-links", options->follow_links,
                "Take what symbolic links point to");
  verb.add_flag("--preserve-owner", options->preserve_owner,
                "With owner and group, by name; as root");
  verb.add_option("--rate", options->rate,
                  "Let each target send no more than this, as in 10M/s")
      ->type_name("SIZE");
  AddFetchOptions(verb, context, options->run);
  SetExamples(
      verb,
      {{"tutti fetch -t 'web*' /etc/nginx /etc/hosts conf/",
        "conf/web01/etc/nginx, conf/web01/etc/hosts, ..."},
       {"tutti fetch -t all -b /etc/ssh/sshd_config conf/",
        "one copy of what is the same, and who has which"},
       {"tutti fetch -t 'db*' -f 2 --rate 10M/s /var/log/postgresql logs/", ""},
       {"tutti fetch -t @job:last:failed /var/log/app.log logs/", ""}});
  SetAction(verb, context,
            [options](Context& context) { return Fetch(*options, context); });
}

}  // namespace tutti::cli
