#include "tests/bench/swarm/bench_fleet.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/identity/authority.h"
#include "controller/enrollment/fleet_init.h"
#include "controller/journal/sqlite_journal.h"
#include "tests/support/tcp_proxy.h"
#include "tests/support/wait.h"

extern char** environ;

namespace tutti::bench {
namespace {

constexpr char kFleetName[] = "bench";

absl::Duration FromTimeval(const timeval& time) {
  return absl::DurationFromTimeval(time);
}

absl::Status CommitAndWait(controller::Journal& journal,
                           controller::JournalBatch batch) {
  std::promise<absl::Status> done;
  journal.Commit(std::move(batch), [&done](absl::Status status) {
    done.set_value(std::move(status));
  });
  return done.get_future().get();
}

}  // namespace

ProcessUsage UsageOf(pid_t pid) {
  ProcessUsage usage;
  const std::string folder = fmt::format("/proc/{}/", pid);
  const std::string stat = ReadFile(folder + "stat").value_or("");
  const std::string statm = ReadFile(folder + "statm").value_or("");
  // Behind the program's name, which may hold spaces: fields 14 and 15 of
  // proc(5) are user and system time in clock ticks.
  unsigned long user = 0, system = 0, size = 0, resident = 0;
  const size_t name_end = stat.rfind(')');
  if (name_end != std::string::npos) {
    std::sscanf(stat.c_str() + name_end + 1,
                " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                &system);
  }
  std::sscanf(statm.c_str(), "%lu %lu", &size, &resident);
  usage.cpu = absl::Seconds(static_cast<double>(user + system) /
                            static_cast<double>(sysconf(_SC_CLK_TCK)));
  usage.resident_bytes =
      resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  const std::string status = ReadFile(folder + "status").value_or("");
  const size_t peak = status.find("VmHWM:");
  if (peak != std::string::npos) {
    usage.peak_bytes =
        std::strtoull(status.c_str() + peak + 6, nullptr, 10) * 1024;
  }
  return usage;
}

absl::StatusOr<std::unique_ptr<BenchFleet>> BenchFleet::Start(
    const std::string& binaries, int agent_count) {
  std::unique_ptr<BenchFleet> fleet(new BenchFleet(binaries));
  TUTTI_RETURN_IF_ERROR(fleet->Make(agent_count));
  TUTTI_RETURN_IF_ERROR(fleet->StartController());
  return fleet;
}

std::string BenchFleet::AgentName(int index) {
  return fmt::format("n{:05}", index);
}

absl::Status BenchFleet::Make(int agent_count) {
  address_ = fmt::format("127.0.0.1:{}", testing::FreePort());
  const std::string folder = File("controller");
  const absl::Time now = absl::Now();
  controller::FleetOptions options;
  options.listen = {address_};
  options.controllers = {address_};
  TUTTI_RETURN_IF_ERROR(
      controller::InitFleet(kFleetName, folder, options, now));
  const std::string authorities = folder + "/authorities/";
  TUTTI_ASSIGN_OR_RETURN(const std::string agents_certificate,
                         ReadFile(authorities + "agents/certificate.pem"));
  TUTTI_ASSIGN_OR_RETURN(const std::string agents_key,
                         ReadFile(authorities + "agents/key.pem"));
  TUTTI_ASSIGN_OR_RETURN(const std::string controllers_certificate,
                         ReadFile(authorities + "controllers/certificate.pem"));
  TUTTI_ASSIGN_OR_RETURN(const Authority authority,
                         Authority::FromPem(agents_certificate, agents_key));
  controller::JournalBatch batch;
  for (int i = 0; i < agent_count; ++i) {
    const Identity identity = {Role::kAgent, kFleetName, AgentName(i)};
    TUTTI_ASSIGN_OR_RETURN(const PrivateKey key, PrivateKey::Generate());
    TUTTI_ASSIGN_OR_RETURN(const std::string request, key.MakeSigningRequest());
    TUTTI_ASSIGN_OR_RETURN(
        const Certificate certificate,
        authority.Issue(request, identity, now, absl::Hours(24)));
    agents_.push_back({kFleetName, certificate.ToPem(), key.ToPem(),
                       controllers_certificate});
    controller::JournalBatch::Agent row;
    row.name = identity.name;
    row.key_fingerprint = certificate.key_fingerprint();
    *row.agent.mutable_enrolled_at() = ToProto(now);
    batch.agents.push_back(std::move(row));
  }
  TUTTI_ASSIGN_OR_RETURN(
      auto journal, controller::SqliteJournal::Open(folder + "/journal.db"));
  return CommitAndWait(*journal, std::move(batch));
}

std::unique_ptr<testing::Process> BenchFleet::StartProgram(
    const std::string& program, const std::vector<std::string>& arguments,
    const std::string& standard_input, const std::string& output_path,
    std::vector<std::string> words_before) const {
  testing::Process::Options options;
  options.arguments = std::move(words_before);
  options.arguments.push_back(binaries_ + "/" + program);
  options.arguments.insert(options.arguments.end(), arguments.begin(),
                           arguments.end());
  options.environment = {
      {"TUTTI_CONFIG", File("controller/operators/config.yaml")}};
  options.standard_input = standard_input;
  options.output_path = output_path;
  return std::make_unique<testing::Process>(options);
}

absl::Status BenchFleet::StartController() {
  controller_ = StartProgram(
      "tutti-controller",
      {"run", "--dir", File("controller"), "--port-file", File("port")});
  const bool listens = testing::WaitUntil(
      [&] { return ReadFile(File("port")).ok() || !controller_->running(); });
  if (!listens || !controller_->running()) {
    return Unavailable("the controller did not start: {}",
                       controller_->error());
  }
  return absl::OkStatus();
}

CommandResult BenchFleet::Run(const std::vector<std::string>& arguments,
                              const std::string& output_path) const {
  std::vector<std::string> words = {binaries_ + "/tutti"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  setenv("TUTTI_CONFIG", File("controller/operators/config.yaml").c_str(), 1);

  const std::string error_path = File("command-error");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, output_path.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, error_path.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  CommandResult result;
  const absl::Time begin = absl::Now();
  pid_t pid = 0;
  const int error =
      posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    result.status = 127;
    result.error = ErrnoText(error);
    return result;
  }
  int status = 0;
  rusage usage = {};
  wait4(pid, &status, 0, &usage);
  result.wall = absl::Now() - begin;
  result.cpu = FromTimeval(usage.ru_utime) + FromTimeval(usage.ru_stime);
  result.peak_bytes = static_cast<uint64_t>(usage.ru_maxrss) << 10;
  result.status =
      WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.error = ReadFile(error_path).value_or("");
  return result;
}

absl::Status BenchFleet::AddRealTarget(const std::string& name,
                                       const std::string& shared) {
  const std::string token_path = File(name + ".token");
  const CommandResult token =
      Run({"token", "create", "--name", name}, token_path);
  if (token.status != 0) return Internal("no token: {}", token.error);
  const std::string folder = File("agents/" + name);
  auto enroll = StartProgram(
      "tutti-agent",
      {"enroll", "--name", name, "--dir", folder, "--token-file", token_path});
  if (enroll->Wait() != 0) return Internal("not enrolled: {}", enroll->error());
  std::vector<std::string> with_private_folder;
  if (!shared.empty()) {
    TUTTI_RETURN_IF_ERROR(MakeDirectories(PrivateFolder(name), 0700));
    with_private_folder = {"/usr/bin/unshare",
                           "--mount",
                           "sh",
                           "-c",
                           R"(mount --bind "$1" "$2" && shift 2 && exec "$@")",
                           "sh",
                           PrivateFolder(name),
                           shared};
  }
  programs_.push_back(StartProgram("tutti-runner", {"--dir", folder}, "", "",
                                   std::move(with_private_folder)));
  programs_.push_back(StartProgram("tutti-agent", {"run", "--dir", folder}));
  const bool online = testing::WaitUntil([&] {
    return Run({"run", "-t", name, "--", "true"}).status == 0;
  });
  if (!online) return Unavailable("target {} did not come online", name);
  return absl::OkStatus();
}

uint64_t BenchFleet::peak_bytes_of_targets() const {
  uint64_t peak = 0;
  for (const auto& program : programs_) {
    peak = std::max(peak, UsageOf(program->pid()).peak_bytes);
  }
  return peak;
}

}  // namespace tutti::bench
