// tutti-agent: joins a fleet, and keeps a target's line to its controller.
#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <string>

#include "agent/configuration/configuration.h"
#include "agent/daemon.h"
#include "agent/enroll/enroll.h"
#include "agent/options.h"
#include "common/base/descriptor_limit.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/command_line/flags.h"
#include "common/transport/transport.h"

namespace tutti::agent {
namespace {

constexpr size_t kMaxTokenBytes = 1 << 20;

int Report(const absl::Status& status, int failure = kServiceFailed) {
  return status.ok() ? EXIT_SUCCESS
                     : ReportFailure("tutti-agent", status, failure);
}

absl::StatusOr<std::string> ReadToken(const std::string& path) {
  if (!path.empty() && path != "-") return ReadFile(path, kMaxTokenBytes);
  if (path.empty()) {
    if (const char* token = std::getenv("TUTTI_TOKEN"); token != nullptr) {
      return std::string(token);
    }
  }
  if (isatty(STDIN_FILENO)) {
    fmt::print(stderr, "paste the join token, then press Ctrl-D:\n");
  }
  std::string token(std::istreambuf_iterator<char>(std::cin), {});
  if (token.empty()) {
    return InvalidArgument(
        "standard input has no join token; give one with --token-file FILE");
  }
  return token;
}

absl::Status RunEnroll(const EnrollCommand& command) {
  TUTTI_ASSIGN_OR_RETURN(std::string token, ReadToken(command.token_file));
  EnrollOptions options;
  options.token = std::move(token);
  options.directory = command.directory;
  options.name = command.name;
  if (options.name.empty()) {
    char name[HOST_NAME_MAX + 1] = {};
    gethostname(name, HOST_NAME_MAX);
    options.name = name;
  }
  TUTTI_ASSIGN_OR_RETURN(const Enrolled enrolled, Enroll(options, absl::Now()));
  fmt::print("enrolled as {} in fleet {}; the certificate renews itself\n",
             enrolled.identity.name, enrolled.identity.fleet);
  return absl::OkStatus();
}

int RunService(const ServiceFlags& flags) {
  const auto load = [&flags] {
    return LoadConfiguration(flags.configuration_path, flags.overrides);
  };
  const absl::StatusOr<Configuration> configuration = load();
  if (!configuration.ok()) {
    return Report(configuration.status(), kServiceMisused);
  }
  if (flags.check_configuration) {
    fmt::print("{} is good\n", flags.configuration_path);
    return EXIT_SUCCESS;
  }
  log::SetLevel(configuration->log_level).IgnoreError();
  // It holds three for each task that runs.
  RaiseDescriptorLimit();
  return Report(RunDaemon(*configuration, load));
}

int Main(int argc, char** argv) {
  // The threads of gRPC take turns; an arena for each would only cost memory.
  mallopt(M_ARENA_MAX, 1);
  SetUpGrpc(GrpcLog::kRedirected);
  const ParsedOptions options = ParseOptions(argc, argv);
  if (!options.command.has_value()) return options.exit_status;
  if (const auto* run = std::get_if<RunCommand>(&*options.command)) {
    return RunService(run->flags);
  }
  if (const auto* enroll = std::get_if<EnrollCommand>(&*options.command)) {
    return Report(RunEnroll(*enroll));
  }
  fmt::print("tutti-agent {}\n", TUTTI_VERSION);
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace tutti::agent

int main(int argc, char** argv) { return tutti::agent::Main(argc, argv); }
