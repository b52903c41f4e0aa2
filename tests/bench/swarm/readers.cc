#include "tests/bench/swarm/readers.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "tests/bench/swarm/measurements.h"
#include "tests/support/wait.h"

namespace tutti::bench {
namespace {

constexpr int kReaders = 10;
constexpr uint64_t kBytes = 100'000'000;
constexpr uint64_t kLineBytes = 11;

struct Times {
  absl::Duration job;
  absl::Duration readers;
};

// A job that writes a line, and the rest when the file `gate` is there.
absl::Status StartJob(const BenchFleet& fleet, const std::string& gate) {
  return CheckRun(fleet.Run(
      {"run", "-d", "-t", "real", "-c",
       fmt::format("echo 0123456789; while [ ! -e {} ]; do sleep 0.01; done; "
                   "yes 0123456789 | head -c {}",
                   gate, kBytes - kLineBytes)}));
}

// Followers of the newest job: ten, and one whose output nobody takes.
class Followers {
 public:
  explicit Followers(const BenchFleet& fleet) : fleet_(fleet) {
    const std::string stuck_path = fleet.File("stuck");
    mkfifo(stuck_path.c_str(), 0600);
    // Somebody has the other end open.
    stuck_end_.Reset(
        open(stuck_path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    stuck_ = Follow(stuck_path);
    for (int i = 0; i < kReaders; ++i) readers_.push_back(Follow(File(i)));
  }

  // An error unless all of them get the first line.
  absl::Status WaitForFirstLine() {
    const bool came = testing::WaitUntil([this] {
      int waiting = 0;
      ioctl(stuck_end_.get(), FIONREAD, &waiting);
      for (int i = 0; i < kReaders; ++i) {
        if (std::filesystem::file_size(File(i)) == 0) return false;
      }
      return waiting > 0;
    });
    if (!came) return Internal("some reader does not follow the job");
    return absl::OkStatus();
  }

  // An error unless the ten get everything.
  absl::Status WaitForEnd() {
    for (int i = 0; i < kReaders; ++i) {
      testing::Process& reader = *readers_[static_cast<size_t>(i)];
      if (reader.Wait(absl::Minutes(5)) != 0) {
        return Internal("a reader failed: {}", reader.error());
      }
      const uint64_t size = std::filesystem::file_size(File(i));
      if (size != kBytes) {
        return Internal("a reader got {} bytes of {}", size, kBytes);
      }
    }
    return absl::OkStatus();
  }

 private:
  std::string File(int reader) const {
    return fleet_.File(fmt::format("read{}", reader));
  }
  std::unique_ptr<testing::Process> Follow(const std::string& path) const {
    return fleet_.StartCli({"job", "receive", "last", "--follow", "-N", "-q"},
                           path);
  }

  const BenchFleet& fleet_;
  FileDescriptor stuck_end_;
  std::unique_ptr<testing::Process> stuck_;
  std::vector<std::unique_ptr<testing::Process>> readers_;
};

absl::StatusOr<Times> RunOnce(const BenchFleet& fleet, bool with_followers) {
  const std::string gate = fleet.File("gate");
  std::filesystem::remove(gate);
  TUTTI_RETURN_IF_ERROR(StartJob(fleet, gate));
  std::optional<Followers> followers;
  if (with_followers) {
    followers.emplace(fleet);
    TUTTI_RETURN_IF_ERROR(followers->WaitForFirstLine());
  }
  const absl::Time begin = absl::Now();
  TUTTI_RETURN_IF_ERROR(WriteFileAtomically(gate, "", 0600));
  TUTTI_RETURN_IF_ERROR(CheckRun(fleet.Run({"job", "wait", "last"})));
  Times times;
  times.job = absl::Now() - begin;
  if (followers) TUTTI_RETURN_IF_ERROR(followers->WaitForEnd());
  times.readers = absl::Now() - begin;
  return times;
}

}  // namespace

absl::Status MeasureReaders(BenchFleet& fleet, int runs) {
  TUTTI_RETURN_IF_ERROR(fleet.AddRealTarget("real"));
  std::vector<double> alone, together, readers;
  for (int run = 0; run < runs; ++run) {
    TUTTI_ASSIGN_OR_RETURN(const Times unread, RunOnce(fleet, false));
    alone.push_back(Milliseconds(unread.job));
    const uint64_t before = fleet.controller_usage().peak_bytes;
    TUTTI_ASSIGN_OR_RETURN(const Times read, RunOnce(fleet, true));
    together.push_back(Milliseconds(read.job));
    readers.push_back(Milliseconds(read.readers));
    fmt::print(
        "controller [MiB]:           {:.0f} at most before, {:.0f} with "
        "ten readers\n",
        Mebibytes(before), Mebibytes(fleet.controller_usage().peak_bytes));
  }
  fmt::print("nobody reads, job [ms]:     {}\n", Spread(alone));
  fmt::print("ten readers, job [ms]:      {}\n", Spread(together));
  fmt::print("ten readers, the last [ms]: {}\n", Spread(readers));
  return absl::OkStatus();
}

}  // namespace tutti::bench
