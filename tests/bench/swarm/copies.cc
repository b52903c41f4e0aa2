#include "tests/bench/swarm/copies.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "tests/bench/swarm/measurements.h"

namespace tutti::bench {
namespace {

constexpr uint64_t kCopiedBlockBytes = 1 << 20;

std::string CopyTarget(int index) { return fmt::format("copy{:03}", index); }

// The file, its pack twice (at the CLI and at the controller), and what the
// targets get.
absl::Status CheckRoom(const BenchFleet& fleet, int targets, uint64_t size) {
  if (geteuid() != 0) {
    return FailedPrecondition(
        "each target gets a mount of its own, which only root can make; run it "
        "as root");
  }
  const uint64_t needed = size * static_cast<uint64_t>(targets + 3);
  const uint64_t free = std::filesystem::space(fleet.File("")).available;
  if (free >= needed) return absl::OkStatus();
  return FailedPrecondition(
      "{} in TMPDIR are too few, it takes {}; give a smaller --size, or fewer "
      "--agents",
      FormatSize(free), FormatSize(needed));
}

// Blocks of noise and blocks of one line, in turns.
absl::Status WriteSource(const std::string& path, uint64_t size, int seed) {
  std::mt19937_64 random(static_cast<uint64_t>(seed));
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  std::vector<uint64_t> noise(kCopiedBlockBytes / sizeof(uint64_t));
  for (uint64_t at = 0; at < size && file; at += kCopiedBlockBytes) {
    const uint64_t bytes = std::min(kCopiedBlockBytes, size - at);
    std::string block;
    if (at / kCopiedBlockBytes % 2 == 0) {
      std::generate(noise.begin(), noise.end(), std::ref(random));
      block.assign(reinterpret_cast<const char*>(noise.data()),
                   kCopiedBlockBytes);
    } else {
      const std::string line =
          fmt::format("block {} of run {}: nothing new\n", at, seed);
      while (block.size() < bytes) block += line;
    }
    file.write(block.data(), static_cast<std::streamsize>(bytes));
  }
  file.close();
  if (!file) return Internal("{} can not be written", path);
  return absl::OkStatus();
}

}  // namespace

absl::Status MeasureCopies(BenchFleet& fleet, int targets, uint64_t size,
                           int runs) {
  TUTTI_RETURN_IF_ERROR(CheckRoom(fleet, targets, size));
  const std::string shared = fleet.File("shared");
  const std::string source = fleet.File("source");
  TUTTI_RETURN_IF_ERROR(MakeDirectories(shared, 0700));
  for (int i = 0; i < targets; ++i) {
    TUTTI_RETURN_IF_ERROR(fleet.AddRealTarget(CopyTarget(i), shared));
  }
  std::vector<double> walls, cli_cpus, controller_cpus;
  for (int run = 0; run < runs; ++run) {
    TUTTI_RETURN_IF_ERROR(WriteSource(source, size, run));
    const ProcessUsage before = fleet.controller_usage();
    const CommandResult result =
        fleet.Run({"copy", "-t", "all", "-y", "-f", std::to_string(targets),
                   source, shared + "/copied"});
    TUTTI_RETURN_IF_ERROR(CheckRun(result));
    const ProcessUsage after = fleet.controller_usage();
    walls.push_back(absl::ToDoubleSeconds(result.wall));
    cli_cpus.push_back(absl::ToDoubleSeconds(result.cpu));
    controller_cpus.push_back(absl::ToDoubleSeconds(after.cpu - before.cpu));
    fmt::print(
        "memory at most [MiB]:       CLI {:.0f}, controller {:.0f}, agent or "
        "runner {:.0f}\n",
        Mebibytes(result.peak_bytes), Mebibytes(after.peak_bytes),
        Mebibytes(fleet.peak_bytes_of_targets()));
    for (int i = 0; i < targets; ++i) {
      const std::string copied = fleet.PrivateFolder(CopyTarget(i)) + "/copied";
      if (std::filesystem::file_size(copied) != size) {
        return Internal("{} has not the size of the source", copied);
      }
      std::filesystem::remove(copied);
    }
  }
  fmt::print("wall [s]:                   {}\n", Spread(walls, 1));
  fmt::print("CLI CPU [s]:                {}\n", Spread(cli_cpus, 1));
  fmt::print("controller CPU [s]:         {}\n", Spread(controller_cpus, 1));
  return absl::OkStatus();
}

}  // namespace tutti::bench
