// tutti-controller: makes fleets, and runs them.
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/clock.h"
#include "common/base/descriptor_limit.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/command_line/flags.h"
#include "common/transport/transport.h"
#include "controller/configuration/command_line.h"
#include "controller/configuration/controller_settings.h"
#include "controller/enrollment/fleet_init.h"
#include "controller/server/controller_server.h"

namespace tutti::controller {
namespace {

constexpr std::string_view kProgram = "tutti-controller";

// The signals that the main thread waits for. Blocked before any thread is
// made, so that no other one gets them.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&signals, number);
  }
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

void Reload(const ServiceFlags& flags, ControllerSettings& current,
            ControllerServer& server) {
  const absl::StatusOr<ControllerSettings> settings =
      LoadControllerSettings(flags.configuration_path, flags.overrides);
  absl::Status status = settings.status();
  if (status.ok()) status = server.Reload(*settings);
  if (!status.ok()) {
    log::Error("the old settings stay: {}", TextOf(status));
    return;
  }
  log::SetLevel(settings->log_level).IgnoreError();
  std::vector<std::string> later;
  if (settings->listen != current.listen) later.emplace_back("listen");
  if (settings->directory != current.directory) later.emplace_back("directory");
  if (settings->local_runner_socket != current.local_runner_socket) {
    later.emplace_back("local_runner_socket");
  }
  if (settings->certificate_life != current.certificate_life) {
    later.emplace_back("certificate_life");
  }
  if (!later.empty()) {
    log::Warning("what is new in {} takes effect with the next start",
                 fmt::join(later, ", "));
  }
  current = *settings;
  log::Info("settings are reloaded");
}

// Waits for signals and for the renewal of the certificate; returns when the
// controller is to end.
void RunUntilSignal(const ServiceFlags& flags, ControllerSettings settings,
                    const sigset_t& signals, const Clock& clock,
                    ControllerServer& server) {
  while (true) {
    const absl::Duration wait =
        std::clamp(server.RenewCertificate() - clock.Now(), absl::Seconds(1),
                   absl::Hours(1));
    const timespec timeout = absl::ToTimespec(wait);
    const int signal = sigtimedwait(&signals, nullptr, &timeout);
    if (signal == SIGHUP) {
      Reload(flags, settings, server);
    } else if (signal > 0) {
      return;
    }
  }
}

absl::Status Run(const ServiceFlags& flags,
                 const ControllerSettings& settings) {
  TUTTI_RETURN_IF_ERROR(log::SetLevel(settings.log_level));
  const sigset_t signals = BlockSignals();
  // One connection an agent.
  RaiseDescriptorLimit();
  SetUpGrpc(GrpcLog::kRedirected);
  const SystemClock clock;
  TUTTI_ASSIGN_OR_RETURN(std::unique_ptr<ControllerServer> server,
                         ControllerServer::Start(settings, clock));
  if (!settings.port_file.empty()) {
    TUTTI_RETURN_IF_ERROR(WriteFileAtomically(
        settings.port_file, fmt::format("{}\n", server->port()), 0644));
  }
  log::Info("controller of fleet '{}' listens on {}", server->fleet(),
            fmt::join(server->addresses(), ", "));
  RunUntilSignal(flags, settings, signals, clock, *server);
  log::Info("shutting down");
  server->Drain();
  server.reset();
  log::Info("everything is in the journal");
  return absl::OkStatus();
}

int Execute(const RunCommand& command) {
  const ServiceFlags& flags = command.flags;
  const absl::StatusOr<ControllerSettings> settings =
      LoadControllerSettings(flags.configuration_path, flags.overrides);
  if (!settings.ok()) {
    return ReportFailure(kProgram, settings.status(), kServiceMisused);
  }
  if (flags.check_configuration) {
    fmt::print("{} is good\n", flags.configuration_path);
    return 0;
  }
  const absl::Status status = Run(flags, *settings);
  return status.ok() ? 0 : ReportFailure(kProgram, status, kServiceFailed);
}

int Execute(const InitCommand& command) {
  const absl::Status status =
      InitFleet(command.fleet, command.directory, command.options, absl::Now());
  if (!status.ok()) {
    return ReportFailure(
        kProgram, status,
        absl::IsInvalidArgument(status) ? kServiceMisused : kServiceFailed);
  }
  fmt::print(
      "Fleet '{0}' is in {1}. To go on:\n"
      "  tutti-controller run --dir {1}\n"
      "  export TUTTI_CONFIG={1}/operators/config.yaml\n"
      "  tutti token create\n"
      "For jobs on this host itself (docs/local.md):\n"
      "  tutti-runner --dir {1}/local\n"
      "  tutti run --local -- uname -n\n"
      "{1}/operators holds the operators' keys; the controller does not need "
      "it.\n",
      command.fleet, command.directory);
  return 0;
}

int Execute(const PrintCommand& command) {
  fmt::print("{}", command.text);
  return 0;
}

}  // namespace
}  // namespace tutti::controller

int main(int argc, char** argv) {
  using tutti::controller::ControllerCommand;
  const absl::StatusOr<ControllerCommand> command =
      tutti::controller::ParseCommandLine({argv + 1, argv + argc});
  if (!command.ok()) {
    return tutti::ReportFailure(tutti::controller::kProgram, command.status(),
                                tutti::kServiceMisused);
  }
  return std::visit(
      [](const auto& chosen) { return tutti::controller::Execute(chosen); },
      *command);
}
