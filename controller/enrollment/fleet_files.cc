#include "controller/enrollment/fleet_files.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

namespace tutti::controller {
namespace {

constexpr std::string_view kControllerTemplate =
    R"(# Configuration of the Tutti controller of fleet '{}'. Every key is also a
# flag; docs/configuration.md explains each. To see whether it is right:
#   tutti-controller run --dir DIR --check-config

# Addresses and ports to listen on, for agents and operators alike. [::] takes
# IPv4 as well.
listen:
{}
# Life of the certificates that agents and this controller get; each renews
# itself when two thirds of it are over.
# certificate_life: 30d
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
