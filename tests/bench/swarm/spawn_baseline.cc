// What this machine needs for starting processes at all, the floor under any
// job system: starts and reaps COUNT times /bin/true with pipes for standard
// output and error, read to their ends, two at a time, by posix_spawn(3)
// alone. A program of its own: a parent with many open descriptors is slower.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "absl/time/clock.h"

extern char** environ;

namespace tutti::bench {
namespace {

void ReadToEnd(int fd) {
  char buffer[4096];
  while (read(fd, buffer, sizeof buffer) > 0) {
  }
  close(fd);
}

void SpawnOne() {
  int out[2], err[2];
  if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) std::abort();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_adddup2(&actions, err[1], 2);
  char program[] = "/bin/true";
  char* argv[] = {program, nullptr};
  pid_t pid = 0;
  if (posix_spawn(&pid, program, &actions, nullptr, argv, environ) != 0) {
    std::abort();
  }
  posix_spawn_file_actions_destroy(&actions);
  close(out[1]);
  close(err[1]);
  ReadToEnd(out[0]);
  ReadToEnd(err[0]);
  waitpid(pid, nullptr, 0);
}

absl::Duration Measure(int count) {
  std::atomic<int> left = count;
  const auto work = [&left] {
    while (left.fetch_sub(1) > 0) SpawnOne();
  };
  const absl::Time begin = absl::Now();
  std::thread other(work);
  work();
  other.join();
  return absl::Now() - begin;
}

}  // namespace
}  // namespace tutti::bench

int main(int argc, char** argv) {
  const int count = argc == 2 ? std::atoi(argv[1]) : 0;
  if (count <= 0) {
    std::fprintf(stderr, "spawn-baseline COUNT\n");
    return 2;
  }
  const absl::Duration took = tutti::bench::Measure(count);
  std::printf("%.1f\n", absl::ToDoubleMilliseconds(took));
  return 0;
}
