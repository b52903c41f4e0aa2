// What a query costs: all processes of a host with PROCESSES sleeping ones
// beside `ps aux`, and one row beside the start of a program that does nothing.
// Each in turns, so that the machine is the same for all of them.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/files.h"
#include "tests/bench/spread.h"

extern char** environ;

namespace tutti::bench {
namespace {

pid_t Start(std::vector<std::string> arguments) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null",
                                   O_WRONLY, 0);
  pid_t pid = -1;
  if (posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ) !=
      0) {
    std::fprintf(stderr, "query-benchmark: cannot start %s\n", argv[0]);
    std::exit(1);
  }
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

// Milliseconds from before its start to after its end.
double Time(const std::vector<std::string>& arguments) {
  const absl::Time begin = absl::Now();
  const pid_t pid = Start(arguments);
  int status = 0;
  waitpid(pid, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) == 1) std::exit(1);
  return absl::ToDoubleMilliseconds(absl::Now() - begin);
}

class Sleepers {
 public:
  explicit Sleepers(int count) {
    pids_.reserve(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) {
      pids_.push_back(Start({"/bin/sleep", "3600"}));
    }
  }
  Sleepers(const Sleepers&) = delete;
  Sleepers& operator=(const Sleepers&) = delete;
  ~Sleepers() {
    for (const pid_t pid : pids_) kill(pid, SIGKILL);
    for (const pid_t pid : pids_) waitpid(pid, nullptr, 0);
  }

 private:
  std::vector<pid_t> pids_;
};

// A query in a file.
class Query {
 public:
  explicit Query(std::string_view sql)
      : file_(MakeSealedMemoryFile(sql).value()) {}
  std::vector<std::string> Command() const {
    return {TUTTI_BINARY_DIRECTORY "/tutti-query",
            fmt::format("/proc/{}/fd/{}", getpid(), file_)};
  }

 private:
  const int file_;
};

void Measure(int processes, int runs) {
  const Query all("SELECT * FROM processes");
  const Query one("SELECT * FROM uptime");
  std::vector<double> query_all, query_one, ps, nothing;
  {
    const Sleepers sleepers(processes);
    for (int i = 0; i < runs; ++i) {
      ps.push_back(Time({"/bin/ps", "aux"}));
      query_all.push_back(Time(all.Command()));
    }
  }
  for (int i = 0; i < runs; ++i) {
    nothing.push_back(Time({"/bin/true"}));
    query_one.push_back(Time(one.Command()));
  }
  fmt::print("ps aux                   ms {}\n", Spread(ps));
  fmt::print("SELECT * FROM processes  ms {}\n", Spread(query_all));
  fmt::print("/bin/true                ms {}\n", Spread(nothing));
  fmt::print("SELECT * FROM uptime     ms {}\n", Spread(query_one));
  fmt::print("processes: {:.2f} times ps; one row: {:.1f} ms over nothing\n",
             Median(query_all) / Median(ps),
             Median(query_one) - Median(nothing));
}

}  // namespace
}  // namespace tutti::bench

int main(int argc, char** argv) {
  const int processes = argc == 3 ? std::atoi(argv[1]) : 0;
  const int runs = argc == 3 ? std::atoi(argv[2]) : 0;
  if (processes <= 0 || runs <= 0) {
    std::fprintf(stderr, "query-benchmark PROCESSES RUNS\n");
    return 2;
  }
  tutti::bench::Measure(processes, runs);
  return 0;
}
