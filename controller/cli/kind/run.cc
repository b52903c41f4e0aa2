#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "common/base/closest.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/jobs/kind_name.h"
#include "common/kinds/parameter_values.h"
#include "controller/cli/configuration.h"
#include "controller/cli/kind/kind.h"
#include "controller/cli/kind/kind_cache.h"
#include "controller/cli/kind/parameter_option.h"
#include "controller/cli/run/options.h"
#include "controller/cli/run/run_plan.h"
#include "controller/cli/run/secret_option.h"

namespace tutti::cli {
namespace {

struct KindRunOptions {
  std::string name;
  std::vector<std::string> parameters;
  RunOptions run;
};

// A name that nobody is known to have, but for its letters.
absl::Status CheckName(const KindRunOptions& options,
                       const std::string& fleet) {
  if (!IsKindName(options.name)) {
    return InvalidArgument(
        "'{}' is no name of an add-in kind; `tutti kind list -t all` says "
        "which there are",
        options.name);
  }
  const std::vector<std::string> known = KnownKinds(fleet);
  if (std::find(known.begin(), known.end(), options.name) != known.end()) {
    return absl::OkStatus();
  }
  const auto meant = Closest(options.name, known);
  if (!meant.has_value()) return absl::OkStatus();
  return InvalidArgument(
      "no target was seen to have a kind '{}' (did you mean {}?); if some "
      "have it by now, look with `tutti kind show {} -t TARGETS`",
      options.name, *meant, options.name);
}

SecretParameters SecretNamesOf(const std::vector<std::string>& secrets) {
  SecretParameters names;
  for (const std::string& secret : secrets) {
    names[secret.substr(0, secret.find('='))] = std::nullopt;
  }
  return names;
}

// Whether one of the known versions takes them, or none is known.
absl::Status CheckParameters(const std::vector<Manifest>& versions,
                             const Json& given,
                             const SecretParameters& secrets) {
  absl::Status refused;
  for (const Manifest& manifest : versions) {
    absl::Status status = CompleteValues(manifest, given, secrets).status();
    if (status.ok()) return status;
    if (refused.ok()) refused = std::move(status);
  }
  if (refused.ok()) return refused;
  return InvalidArgument("{} (`tutti kind show {} -t TARGETS` looks anew)",
                         TextOf(refused), versions.front().name);
}

absl::StatusOr<RunPlan> PlanKind(const KindRunOptions& options,
                                 const RunOptions& run,
                                 const Context& context) {
  TUTTI_ASSIGN_OR_RETURN(const FleetConfiguration fleet,
                         LoadFleet(context.options));
  TUTTI_RETURN_IF_ERROR(CheckName(options, fleet.fleet));
  const auto reads = static_cast<size_t>(std::count_if(
      options.parameters.begin(), options.parameters.end(), IsStandardInput));
  if (reads > 0 && reads + StandardInputsRead(run) > 1) {
    return InvalidArgument(
        "-p: standard input, -, can be read once; give a file");
  }
  TUTTI_ASSIGN_OR_RETURN(const Json given, ReadParameters(options.parameters));
  TUTTI_RETURN_IF_ERROR(
      CheckParameters(KnownVersions(fleet.fleet, options.name), given,
                      SecretNamesOf(run.secrets)));
  v1::JobSpec work;
  work.mutable_add_in()->set_name(options.name);
  work.mutable_add_in()->set_parameters(given.dump());
  return MakePlan(run, std::move(work));
}

}  // namespace

void AddKindRun(CLI::App& kind, Context& context) {
  auto options = std::make_shared<KindRunOptions>();
  CLI::App& verb =
      AddVerb(kind, "run",
              "Run an add-in kind, which each target has by itself", context);
  verb.add_option("NAME", options->name, "Name of the kind")->required();
  AddRepeatable(verb, "-p,--parameter", options->parameters,
                "A parameter of the kind; @FILE: what is in that file; "
                "repeatable, several of one name make a list")
      ->type_name("KEY=VALUE");
  AddRunOptions(verb, context, options->run);
  SetExamples(
      verb, {{"tutti kind run apt-upgrade -t 'web*' -p upgrade=full -f 2",
              "two at a time, with what each was seen to do"},
             {"tutti kind run python -t web01 -p code=@report.py -o json",
              "with what the code gives as its result"},
             {"tutti kind run deploy -t web01 --secret api-key=@key.txt", ""}});
  SetAction(verb, context, [options](Context& context) {
    RunOptions run = options->run;
    run.secrets = SecretOptions(run.secrets);
    return RunPlanned(run, PlanKind(*options, run, context), context);
  });
}

}  // namespace tutti::cli
