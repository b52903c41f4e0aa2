// How fast the main job is: see tests/bench/README.md.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/transport/transport.h"
#include "tests/bench/swarm/answers.h"
#include "tests/bench/swarm/bench_fleet.h"
#include "tests/bench/swarm/copies.h"
#include "tests/bench/swarm/measurements.h"
#include "tests/bench/swarm/readers.h"
#include "tests/bench/swarm/rows.h"
#include "tests/bench/swarm/simulated_agents.h"
#include "tests/support/wait.h"

namespace tutti::bench {
namespace {

struct Options {
  std::string scenario;
  std::string binaries;
  int agents = 1000;
  int runs = 5;
  std::string size = "1G";
};

// Connects the agents and prints what that cost.
void ConnectAndPrint(const BenchFleet& fleet, SimulatedAgents& agents) {
  const ProcessUsage before = fleet.controller_usage();
  const absl::Time begin = absl::Now();
  agents.Connect();
  const absl::Duration wall = absl::Now() - begin;
  const ProcessUsage after = fleet.controller_usage();
  const int count = fleet.agent_count();
  fmt::print(
      "connect: {} agents in {:.2f} s, {:.0f} a second, {:.0f} us of "
      "controller CPU each\n",
      count, absl::ToDoubleSeconds(wall), count / absl::ToDoubleSeconds(wall),
      absl::ToDoubleMicroseconds(after.cpu - before.cpu) / count);
  fmt::print(
      "memory: controller {:.0f} MiB resident, {:.1f} KiB an idle "
      "agent\n",
      Mebibytes(after.resident_bytes),
      static_cast<double>(after.resident_bytes - before.resident_bytes) / 1024 /
          count);
}

// What runs of one job took.
struct Runs {
  std::vector<double> walls, cpus, skews;

  void Print() const {
    fmt::print("wall [ms]:                  {}\n", Spread(walls));
    fmt::print("controller CPU a target [us]: {}\n", Spread(cpus));
    fmt::print("start skew [ms]:            {}\n", Spread(skews));
  }
};

// `tutti run -t all -y -- PROGRAM`, once.
absl::Status AddRun(const BenchFleet& fleet, SimulatedAgents& agents,
                    const std::string& program, Runs& runs) {
  agents.WaitUntilQuiet();
  const ProcessUsage before = fleet.controller_usage();
  const CommandResult result =
      fleet.Run({"run", "-t", "all", "-y", "--", program});
  if (absl::Status status = CheckRun(result); !status.ok()) return status;
  const StartTimes starts = agents.TakeStartTimes();
  const absl::Duration cpu = fleet.controller_usage().cpu - before.cpu;
  runs.walls.push_back(Milliseconds(result.wall));
  runs.cpus.push_back(absl::ToDoubleMicroseconds(cpu) / fleet.agent_count());
  runs.skews.push_back(Milliseconds(starts.last - starts.first));
  return absl::OkStatus();
}

absl::Status NoOp(const Options& options, BenchFleet& fleet) {
  SimulatedAgents agents(fleet, {});
  ConnectAndPrint(fleet, agents);
  Runs runs;
  for (int run = 0; run < options.runs; ++run) {
    if (absl::Status status = AddRun(fleet, agents, "true", runs);
        !status.ok()) {
      return status;
    }
  }
  runs.Print();
  return absl::OkStatus();
}

// What the machine itself needs for as many processes, in milliseconds.
absl::StatusOr<double> MeasureFloor(const Options& options) {
  const testing::Finished finished =
      testing::RunToEnd({.arguments = {options.binaries + "/spawn-baseline",
                                       std::to_string(options.agents)},
                         .environment = {},
                         .standard_input = "",
                         .output_path = ""});
  double milliseconds = 0;
  if (finished.status != 0 ||
      !absl::SimpleAtod(finished.output, &milliseconds)) {
    return absl::InternalError("spawn-baseline: " + finished.error);
  }
  return milliseconds;
}

absl::Status Processes(const Options& options, BenchFleet& fleet) {
  const std::string socket = fleet.File("swarm-runner.sock");
  testing::Process runner({.arguments = {options.binaries + "/swarm-runner",
                                         fleet.File("controller"),
                                         fleet.File("swarm-runner"), socket},
                           .environment = {},
                           .standard_input = "",
                           .output_path = ""});
  if (!runner.WaitForOutput("ready")) {
    return absl::UnavailableError("no runner: " + runner.error());
  }
  SimulatedAgents agents(fleet, {.outputs = {}, .runner_socket = socket});
  ConnectAndPrint(fleet, agents);
  Runs runs;
  std::vector<double> floors, ratios;
  for (int run = 0; run < options.runs; ++run) {
    // In turns, so that both meet the same machine.
    agents.WaitUntilQuiet();
    absl::StatusOr<double> floor = MeasureFloor(options);
    if (!floor.ok()) return floor.status();
    if (absl::Status status = AddRun(fleet, agents, "/bin/true", runs);
        !status.ok()) {
      return status;
    }
    floors.push_back(*floor);
    ratios.push_back(runs.walls.back() / *floor);
  }
  fmt::print("posix_spawn alone [ms]:     {}\n", Spread(floors));
  runs.Print();
  fmt::print("times posix_spawn alone:    {}\n", Spread(ratios, 2));
  return absl::OkStatus();
}

// What the controller's memory grows by with each job. The first ones also
// fill gRPC's buffers of each connection, which all later ones use again.
absl::Status Results(const Options& options, BenchFleet& fleet) {
  constexpr uint64_t kBytes = 10 << 10;
  constexpr int kWarmUps = 30;
  SimulatedAgents agents(fleet,
                         {.outputs = Letters(kBytes, 1), .runner_socket = ""});
  ConnectAndPrint(fleet, agents);
  const uint64_t idle = fleet.controller_usage().resident_bytes;
  uint64_t before = idle;
  std::vector<double> growths;
  for (int run = 0; run < kWarmUps + options.runs; ++run) {
    if (absl::Status status =
            CheckRun(fleet.Run({"run", "-t", "all", "-y", "--", "true"}));
        !status.ok()) {
      return status;
    }
    const uint64_t after = fleet.controller_usage().resident_bytes;
    if (run >= kWarmUps) {
      growths.push_back(Mebibytes(after) - Mebibytes(before));
    } else if (run == kWarmUps - 1) {
      fmt::print("first {} jobs [MiB]:         {:.1f} more resident in all\n",
                 kWarmUps, Mebibytes(after) - Mebibytes(idle));
    }
    before = after;
  }
  fmt::print("each later job [MiB]:       {}\n", Spread(growths));
  return absl::OkStatus();
}

absl::Status Answers(const Options& options, BenchFleet& fleet) {
  // The groups' names do not fold well: they are chosen by a digest.
  SimulatedAgents agents(fleet,
                         {.outputs = Letters(200, 5), .runner_socket = ""});
  ConnectAndPrint(fleet, agents);
  return MeasureAnswers(fleet, options.runs);
}

absl::Status Rows(const Options& options, BenchFleet& fleet) {
  SimulatedAgents agents(fleet, {.outputs = MakeRowTexts(fleet.agent_count()),
                                 .runner_socket = ""});
  ConnectAndPrint(fleet, agents);
  return MeasureRows(fleet, options.runs);
}

absl::Status Readers(const Options& options, BenchFleet& fleet) {
  return MeasureReaders(fleet, options.runs);
}

absl::Status Single(const Options& options, BenchFleet& fleet) {
  if (absl::Status status = fleet.AddRealTarget("real"); !status.ok()) {
    return status;
  }
  std::vector<double> walls, cpus;
  for (int run = 0; run < std::max(options.runs, 20); ++run) {
    const CommandResult result = fleet.Run({"run", "-t", "real", "--", "true"});
    if (absl::Status status = CheckRun(result); !status.ok()) return status;
    walls.push_back(Milliseconds(result.wall));
    cpus.push_back(Milliseconds(result.cpu));
  }
  fmt::print("one target, wall [ms]:      {}\n", Spread(walls));
  fmt::print("CLI CPU [ms]:               {}\n", Spread(cpus));
  return absl::OkStatus();
}

absl::Status Bulk(const Options& options, BenchFleet& fleet) {
  constexpr uint64_t kBytes = uint64_t{2} << 30;
  if (absl::Status status = fleet.AddRealTarget("real"); !status.ok()) {
    return status;
  }
  std::vector<double> rates;
  for (int run = 0; run < options.runs; ++run) {
    uint64_t peak = 0;
    std::atomic<bool> over = false;
    std::thread sampler([&] {
      testing::WaitUntil(
          [&] {
            peak = std::max(peak, fleet.controller_usage().resident_bytes);
            return over.load();
          },
          absl::Minutes(5));
    });
    const CommandResult result =
        fleet.Run({"run", "-t", "real", "-N", "--", "head", "-c",
                   std::to_string(kBytes), "/dev/zero"});
    over = true;
    sampler.join();
    if (absl::Status status = CheckRun(result); !status.ok()) return status;
    rates.push_back(static_cast<double>(kBytes) / 1e6 /
                    absl::ToDoubleSeconds(result.wall));
    fmt::print(
        "bulk: {:.0f} MB/s, controller {:.0f} MiB resident at most, CLI "
        "{:.2f} s of CPU\n",
        rates.back(), Mebibytes(peak), absl::ToDoubleSeconds(result.cpu));
  }
  fmt::print("bulk [MB/s]:                {}\n", Spread(rates));
  return absl::OkStatus();
}

absl::Status Lines(const Options& options, BenchFleet& fleet) {
  if (absl::Status status = fleet.AddRealTarget("real"); !status.ok()) {
    return status;
  }
  std::vector<double> walls, cpus;
  for (int run = 0; run < options.runs; ++run) {
    const CommandResult result =
        fleet.Run({"run", "-t", "real", "--", "seq", "1000000"});
    if (absl::Status status = CheckRun(result); !status.ok()) return status;
    walls.push_back(Milliseconds(result.wall));
    cpus.push_back(Milliseconds(result.cpu));
  }
  fmt::print("1,000,000 lines, wall [ms]: {}\n", Spread(walls));
  fmt::print("CLI CPU [ms]:               {}\n", Spread(cpus));
  return absl::OkStatus();
}

absl::Status Copies(const Options& options, BenchFleet& fleet) {
  absl::StatusOr<uint64_t> size = ParseSize(options.size);
  if (!size.ok()) return size.status();
  return MeasureCopies(fleet, options.agents, *size, options.runs);
}

struct Scenario {
  const char* name;
  // Has simulated agents.
  bool simulated;
  absl::Status (*run)(const Options& options, BenchFleet& fleet);
};

constexpr Scenario kScenarios[] = {
    {"noop", true, NoOp},       {"processes", true, Processes},
    {"results", true, Results}, {"answers", true, Answers},
    {"rows", true, Rows},       {"readers", false, Readers},
    {"single", false, Single},  {"bulk", false, Bulk},
    {"lines", false, Lines},    {"copy", false, Copies},
};

absl::Status RunScenario(const Options& options) {
  const Scenario& scenario = *std::find_if(
      std::begin(kScenarios), std::end(kScenarios),
      [&](const Scenario& one) { return options.scenario == one.name; });
  absl::StatusOr<std::unique_ptr<BenchFleet>> fleet = BenchFleet::Start(
      options.binaries, scenario.simulated ? options.agents : 0);
  if (!fleet.ok()) return fleet.status();
  return scenario.run(options, **fleet);
}

int Main(int argc, char** argv) {
  Options options;
  options.binaries = TUTTI_BINARY_DIRECTORY;
  std::vector<std::string> names;
  for (const Scenario& scenario : kScenarios) names.push_back(scenario.name);
  CLI::App app("Drives a controller with simulated and real targets.");
  app.add_option("scenario", options.scenario, "What is measured")
      ->required()
      ->check(CLI::IsMember(names));
  app.add_option("--agents", options.agents,
                 "Simulated agents; of `copy` real ones")
      ->capture_default_str()
      ->check(CLI::Range(1, 20000));
  app.add_option("--runs", options.runs, "Runs of what is measured")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  app.add_option("--size", options.size, "Of the file that is copied")
      ->capture_default_str();
  app.add_option("--binaries", options.binaries, "Folder of the programs")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  SetUpGrpc(GrpcLog::kRedirected);
  log::SetLevel(log::Level::kError);
  const absl::Status status = RunScenario(options);
  if (!status.ok()) fmt::print(stderr, "swarm: {}\n", TextOf(status));
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace tutti::bench

int main(int argc, char** argv) { return tutti::bench::Main(argc, argv); }
