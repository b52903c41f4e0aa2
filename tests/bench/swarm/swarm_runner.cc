// The one real runner that stands for all targets of a benchmark. The product
// has no such option: a runner serves the one name it was enrolled under.

#include <malloc.h>
#include <signal.h>

#include <cstdio>
#include <string>

#include "agent/runner/server/runner_server.h"
#include "agent/runner/verification/policy.h"
#include "agent/runner/verification/verifier.h"
#include "common/base/clock.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/identity/trust_store.h"

namespace tutti::bench {
namespace {

absl::Status Serve(const std::string& controller_directory,
                   const std::string& state_directory,
                   const std::string& socket) {
  TUTTI_ASSIGN_OR_RETURN(
      const std::string pem,
      ReadFile(controller_directory + "/authorities/operators.pem"));
  TUTTI_ASSIGN_OR_RETURN(TrustStore operators, TrustStore::FromPem(pem));
  TUTTI_RETURN_IF_ERROR(MakeDirectories(state_directory, 0700));
  const SystemClock clock;
  const runner::AllowEveryOperator policy;
  runner::Verifier verifier(
      {.fleet = "bench",
       .target = "all",
       .stands_for = [](std::string_view) { return true; }},
      std::move(operators), clock, policy);
  runner::RunnerServer::Options options;
  options.fleet = "bench";
  options.target = "all";
  options.state_directory = state_directory;
  options.socket = socket;
  TUTTI_ASSIGN_OR_RETURN(
      const std::unique_ptr<runner::RunnerServer> server,
      runner::RunnerServer::Create(std::move(options), verifier, clock));
  fmt::print("ready\n");
  std::fflush(stdout);
  server->Run();
  return absl::OkStatus();
}

}  // namespace
}  // namespace tutti::bench

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "swarm-runner CONTROLLER_FOLDER STATE_FOLDER SOCKET\n");
    return 2;
  }
  // As in tutti-runner.
  mallopt(M_ARENA_MAX, 1);
  signal(SIGPIPE, SIG_IGN);
  const absl::Status status = tutti::bench::Serve(argv[1], argv[2], argv[3]);
  if (!status.ok())
    fmt::print(stderr, "swarm-runner: {}\n", tutti::TextOf(status));
  return status.ok() ? 0 : 1;
}
