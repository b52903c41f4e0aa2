// A fleet for benchmarks: a real controller and CLI, certificates for any
// number of simulated agents.
#ifndef TESTS_BENCH_SWARM_BENCH_FLEET_H_
#define TESTS_BENCH_SWARM_BENCH_FLEET_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/transport/transport.h"
#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

namespace tutti::bench {

// What a process has used, from /proc.
struct ProcessUsage {
  absl::Duration cpu;
  uint64_t resident_bytes = 0;
  // The most that was resident.
  uint64_t peak_bytes = 0;
};
ProcessUsage UsageOf(pid_t pid);

// One run of the CLI.
struct CommandResult {
  int status = 0;
  // From before its start to after its end.
  absl::Duration wall;
  absl::Duration cpu;
  // The most that was resident.
  uint64_t peak_bytes = 0;
  std::string error;
};

class BenchFleet {
 public:
  // Makes the fleet, enters `agent_count` agents into its journal, named
  // n00000 and so on, and starts the controller from `binaries`.
  static absl::StatusOr<std::unique_ptr<BenchFleet>> Start(
      const std::string& binaries, int agent_count);

  int agent_count() const { return static_cast<int>(agents_.size()); }
  static std::string AgentName(int index);
  // Certificate and key of its own.
  const ClientTls& agent(int index) const {
    return agents_[static_cast<size_t>(index)];
  }
  const std::string& address() const { return address_; }
  std::string File(std::string_view name) const {
    return directory_.File(name);
  }
  ProcessUsage controller_usage() const { return UsageOf(controller_->pid()); }

  // Runs the CLI to its end; its output goes to `output_path`.
  CommandResult Run(const std::vector<std::string>& arguments,
                    const std::string& output_path = "/dev/null") const;

  // Starts the CLI; with an `output_path` its output goes there.
  std::unique_ptr<testing::Process> StartCli(
      const std::vector<std::string>& arguments,
      const std::string& output_path = "") const {
    return StartProgram("tutti", arguments, "", output_path);
  }

  // Adds one target with real agent and runner programs. With a `shared`
  // folder its runner sees a folder of its own there, PrivateFolder(name); only
  // root can give it that.
  absl::Status AddRealTarget(const std::string& name,
                             const std::string& shared = "");
  std::string PrivateFolder(const std::string& name) const {
    return File("private/" + name);
  }
  // Of the agent or runner of real targets that had the most resident.
  uint64_t peak_bytes_of_targets() const;

 private:
  explicit BenchFleet(std::string binaries) : binaries_(std::move(binaries)) {}
  absl::Status Make(int agent_count);
  absl::Status StartController();
  std::unique_ptr<testing::Process> StartProgram(
      const std::string& program, const std::vector<std::string>& arguments,
      const std::string& standard_input = "",
      const std::string& output_path = "",
      std::vector<std::string> words_before = {}) const;

  const std::string binaries_;
  testing::TemporaryDirectory directory_;
  std::string address_;
  std::vector<ClientTls> agents_;
  std::unique_ptr<testing::Process> controller_;
  std::vector<std::unique_ptr<testing::Process>> programs_;
};

}  // namespace tutti::bench

#endif  // TESTS_BENCH_SWARM_BENCH_FLEET_H_
