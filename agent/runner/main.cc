// tutti-runner: starts the processes of signed jobs on one target.
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "agent/runner/configuration/runner_configuration.h"
#include "agent/runner/configuration/runner_flags.h"
#include "agent/runner/server/program.h"
#include "agent/runner/server/reexecution.h"
#include "agent/runner/server/runner_server.h"
#include "agent/runner/verification/policy.h"
#include "agent/runner/verification/verifier.h"
#include "common/base/clock.h"
#include "common/base/descriptor_limit.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/command_line/flags.h"
#include "common/identity/trust_store.h"

namespace tutti::runner {
namespace {

constexpr std::string_view kProgram = "tutti-runner";

// A descriptor of ours must never be taken for a standard one.
void OccupyStandardDescriptors() {
  int fd;
  do {
    fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0) close(fd);
}

// Must come before any thread: they inherit the mask.
absl::StatusOr<FileDescriptor> TakeSignals() {
  signal(SIGPIPE, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGUSR2);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  FileDescriptor fd(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.valid()) return SystemError(errno, "watch for signals");
  return fd;
}

absl::StatusOr<TrustStore> LoadOperators(
    const RunnerConfiguration& configuration) {
  const std::string path = configuration.trust_directory + "/operators.pem";
  TUTTI_ASSIGN_OR_RETURN(const std::string pem, ReadFile(path));
  absl::StatusOr<TrustStore> operators = TrustStore::FromPem(pem);
  if (!operators.ok()) return WithPrefix(path, operators.status());
  return operators;
}

// Programs of Tutti are installed in one folder.
std::string BesideThisProgram(std::string_view name) {
  std::error_code error;
  const std::filesystem::path self =
      std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::string(name) : (self.parent_path() / name).string();
}

RunnerServer::Options ServerOptions(const RunnerConfiguration& configuration,
                                    const AgentAccount& agent) {
  RunnerServer::Options options;
  options.fleet = configuration.fleet;
  options.target = configuration.target;
  options.state_directory = configuration.state_directory;
  options.socket = configuration.socket;
  options.launch.default_user = configuration.default_user;
  options.launch.environment = configuration.environment;
  options.kinds.query_program = BesideThisProgram("tutti-query");
  options.kinds.query_limits = configuration.query_limits;
  options.kinds.copy_program = BesideThisProgram("tutti-copy");
  options.kinds.manifests = configuration.kinds_directory;
  options.spool_task_limit = configuration.spool_task_limit;
  options.spool_limit = configuration.spool_limit;
  options.full_spool =
      configuration.drop_when_full ? FullSpool::kDrop : FullSpool::kBlock;
  options.retention = configuration.retention;
  options.agent_user = agent.user;
  options.agent_group = agent.group;
  return options;
}

// What all of it needs before anything begins.
struct Setup {
  RunnerConfiguration configuration;
  AgentAccount agent;
  TrustStore operators;
};
absl::StatusOr<Setup> Load(const ServiceFlags& flags) {
  TUTTI_ASSIGN_OR_RETURN(
      RunnerConfiguration configuration,
      LoadRunnerConfiguration(flags.configuration_path, flags.overrides));
  TUTTI_ASSIGN_OR_RETURN(const AgentAccount agent,
                         FindAgentAccount(configuration));
  TUTTI_ASSIGN_OR_RETURN(TrustStore operators, LoadOperators(configuration));
  return Setup{std::move(configuration), agent, std::move(operators)};
}

absl::Status Serve(Setup setup, const Program& program) {
  const RunnerConfiguration& configuration = setup.configuration;
  TUTTI_RETURN_IF_ERROR(log::SetLevel(configuration.log_level));
  OriginalDescriptorLimit();
  RaiseDescriptorLimit();
  TUTTI_ASSIGN_OR_RETURN(std::optional<v1::Handover> handover, TakeHandover());
  TUTTI_ASSIGN_OR_RETURN(const FileDescriptor signals, TakeSignals());
  const SystemClock clock;
  const AllowEveryOperator policy;
  Verifier verifier({.fleet = configuration.fleet,
                     .target = configuration.target,
                     .stands_for = nullptr},
                    std::move(setup.operators), clock, policy);
  RunnerServer::Options options = ServerOptions(configuration, setup.agent);
  options.signal_fd = signals.get();
  options.execute = [&program] { return program.Execute(); };
  options.handover = std::move(handover);
  TUTTI_ASSIGN_OR_RETURN(
      const std::unique_ptr<RunnerServer> server,
      RunnerServer::Create(std::move(options), verifier, clock));
  log::Info("runner of {} in fleet {} serves {}", configuration.target,
            configuration.fleet, configuration.socket);
  server->Run();
  log::Info("the runner ends");
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  // An arena for each of two threads would only cost memory.
  mallopt(M_ARENA_MAX, 1);
  OccupyStandardDescriptors();
  const ParsedRunnerCommand parsed = ParseRunnerCommand(argc, argv);
  if (!parsed.command.has_value()) return parsed.exit_status;
  if (parsed.command->version) {
    fmt::print("tutti-runner {}\n", TUTTI_VERSION);
    return EXIT_SUCCESS;
  }
  const ServiceFlags& flags = parsed.command->flags;
  absl::StatusOr<Setup> setup = Load(flags);
  if (!setup.ok()) {
    return ReportFailure(kProgram, setup.status(), kServiceMisused);
  }
  if (flags.check_configuration) {
    const absl::Status user = CheckDefaultUser(setup->configuration);
    if (!user.ok()) return ReportFailure(kProgram, user, kServiceMisused);
    fmt::print("{} is good\n", flags.configuration_path);
    return EXIT_SUCCESS;
  }
  const absl::Status status = Serve(*std::move(setup), Program(argv));
  return status.ok() ? EXIT_SUCCESS
                     : ReportFailure(kProgram, status, kServiceFailed);
}

}  // namespace
}  // namespace tutti::runner

int main(int argc, char** argv) { return tutti::runner::Main(argc, argv); }
