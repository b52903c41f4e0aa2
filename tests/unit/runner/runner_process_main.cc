// The tests of a runner in a process of its own, and that process: called with
// --serve this program is the runner.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "agent/runner/server/reexecution.h"
#include "agent/runner/server/runner_server.h"
#include "agent/runner/verification/policy.h"
#include "agent/runner/verification/verifier.h"
#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/identity/trust_store.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/runner/runner_process_fixture.h"
#include "tests/unit/runner/test_runner.h"

namespace tutti::testing {
namespace {

using runner::ProcessLauncher;
using runner::RunnerServer;

// The runner's life: argv is PROGRAM --serve DIRECTORY CONTAINMENT.
absl::Status Serve(char** argv) {
  const std::string directory = argv[2];
  signal(SIGPIPE, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGUSR2);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  const FileDescriptor signal_fd(
      signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  TUTTI_ASSIGN_OR_RETURN(const std::string pem,
                         ReadFile(directory + "/operators.pem"));
  TUTTI_ASSIGN_OR_RETURN(TrustStore operators, TrustStore::FromPem(pem));
  const FakeClock clock;
  const runner::AllowEveryOperator policy;
  runner::Verifier verifier(
      {.fleet = "demo", .target = kRunnerTarget, .stands_for = nullptr},
      std::move(operators), clock, policy);
  RunnerServer::Options options;
  options.fleet = "demo";
  options.target = kRunnerTarget;
  options.state_directory = directory + "/state";
  if (std::string_view(argv[3]) == "keeper") {
    options.containment = ProcessLauncher::Containment::kKeeper;
  }
  options.signal_fd = signal_fd.get();
  options.execute = [argv, directory]() -> absl::Status {
    TUTTI_RETURN_IF_ERROR(ReadFile(directory + "/operators.pem").status());
    execv("/proc/self/exe", argv);
    return absl::InternalError("execv");
  };
  TUTTI_ASSIGN_OR_RETURN(options.handover, runner::TakeHandover());
  TUTTI_ASSIGN_OR_RETURN(
      const std::unique_ptr<RunnerServer> server,
      RunnerServer::Create(std::move(options), verifier, clock));
  server->Run();
  return absl::OkStatus();
}

}  // namespace
}  // namespace tutti::testing

int main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "--serve") {
    const absl::Status status = tutti::testing::Serve(argv);
    if (!status.ok()) fmt::print(stderr, "{}\n", tutti::TextOf(status));
    return status.ok() ? EXIT_SUCCESS : EXIT_FAILURE;
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
