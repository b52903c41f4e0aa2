#include "controller/enrollment/fleet_files.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

namespace tutti::controller {
namespace {

constexpr std::string_view kControllerTemplate =
    R"(# Configuration of the Tutti controller of fleet '{}'. Every key is also a
# flag (max_jobs is --max-jobs); docs/configuration.md explains each. Lines
# that begin with # show the defaults. To see whether it is right:
#   tutti-controller run --dir DIR --check-config

# Addresses and ports to listen on, for agents and operators alike. [::] takes
# IPv4 as well.
listen:
{}
# Life of the certificates that agents and this controller get; each renews
# itself when two thirds of it are over.
# certificate_life: 30d

# Output that is kept in memory: of one task (its head and tail) and in all.
# What is left out stays on the targets and is fetched when somebody wants it.
# task_output_budget: 64MiB
# total_output_budget: 1GiB

# Targets of a job at once when the job does not say; 0: all.
# default_fanout: 0

# How long a job waits for a target that was seen a moment ago.
# offline_grace: 30s

# A task whose link is lost for so long becomes UNKNOWN.
# lost_final: 24h

# Finished jobs are forgotten after this long, beyond this many, and beyond this
# many targets of all jobs together.
# job_retention: 30d
# max_jobs: 10000
# max_tasks: 2000000

# Socket of the runner for jobs on this host itself (`tutti run --local`);
# empty: none.
# local_runner_socket: local/state/runner.sock

# debug, info, warning or error.
# log_level: info
)";

constexpr std::string_view kOperatorTemplate =
    R"(# Configuration of the tutti command line for fleet '{0}'. Use it with
# --config, or TUTTI_CONFIG, or as ~/.config/tutti/config.yaml. Paths are
# relative to this file.
default_fleet: "{0}"
fleets:
  "{0}":
    controllers:
{2}    controller_authority: "controllers.pem"
    operator_authority: "authority/certificate.pem"
    certificate: "{1}/certificate.pem"
    key: "{1}/key.pem"
)";

std::string List(const std::vector<std::string>& items,
                 std::string_view indent) {
  std::string text;
  for (const std::string& item : items) {
    text += fmt::format("{}- \"{}\"\n", indent, item);
  }
  return text;
}

}  // namespace

std::string ControllerConfiguration(std::string_view fleet,
                                    const std::vector<std::string>& listen) {
  return fmt::format(kControllerTemplate, fleet, List(listen, "  "));
}

std::string OperatorConfiguration(std::string_view fleet,
                                  std::string_view operator_name,
                                  const std::vector<std::string>& controllers) {
  return fmt::format(kOperatorTemplate, fleet, operator_name,
                     List(controllers, "      "));
}

}  // namespace tutti::controller
