#include "query/host/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "common/base/clock.h"
#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/status_macros.h"
#include "common/text/lines.h"

namespace tutti::query {
namespace {

constexpr size_t kChunk = 64 << 10;
// Of what it says of an error the end is enough.
constexpr size_t kErrorLimit = 4 << 10;

struct Pipe {
  FileDescriptor read, write;
};
absl::StatusOr<Pipe> MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return SystemError(errno, "make a pipe");
  return Pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

// A child that is waited for when it goes, and killed unless it is over.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ < 0) return;
    kill(pid_, SIGKILL);
    Wait();
  }
  // As waitpid(2) gives it.
  int Wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_;
};

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

absl::StatusOr<pid_t> Start(const std::string& path, const Program& program,
                            int output, int errors) {
  std::vector<std::string> arguments = {path};
  arguments.insert(arguments.end(), program.arguments.begin(),
                   program.arguments.end());
  std::vector<std::string> environment = {
      "LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "SYSTEMD_COLORS=0"};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
                                   O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
  pid_t pid = -1;
  const int error =
      posix_spawn(&pid, path.c_str(), &actions, nullptr,
                  Pointers(arguments).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return SystemError(error, fmt::format("run {}", path));
  return pid;
}

// What `from` has now; closes it at its end.
void ReadSome(FileDescriptor& from, std::string& to) {
  const size_t before = to.size();
  to.resize(before + kChunk);
  const ssize_t size = read(from.get(), to.data() + before, kChunk);
  to.resize(before + static_cast<size_t>(std::max<ssize_t>(size, 0)));
  if (size == 0 || (size < 0 && errno != EINTR)) from.Reset();
}

struct Output {
  std::string output, errors;
};
// Until both pipes are at their end.
absl::StatusOr<Output> ReadAll(const std::string& path, const Program& program,
                               FileDescriptor output, FileDescriptor errors) {
  const SteadyClock clock;
  const absl::Time deadline = clock.Now() + program.time_limit;
  Output read;
  while (output.valid() || errors.valid()) {
    const absl::Duration left = deadline - clock.Now();
    if (left <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError(
          fmt::format("{} took more than {} s; ask for less", path,
                      absl::ToInt64Seconds(program.time_limit)));
    }
    pollfd waits[] = {{output.get(), POLLIN, 0}, {errors.get(), POLLIN, 0}};
    poll(waits, 2, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1);
    if (waits[0].revents != 0) ReadSome(output, read.output);
    if (waits[1].revents != 0) ReadSome(errors, read.errors);
    if (read.output.size() > program.output_limit) {
      return ResourceExhausted("{} says more than {} bytes; ask for less", path,
                               program.output_limit);
    }
    if (read.errors.size() > kErrorLimit) {
      read.errors.erase(0, read.errors.size() - kErrorLimit);
    }
  }
  return read;
}

absl::StatusOr<std::string> RunPath(const std::string& path,
                                    const Program& program) {
  TUTTI_ASSIGN_OR_RETURN(Pipe output, MakePipe());
  TUTTI_ASSIGN_OR_RETURN(Pipe errors, MakePipe());
  TUTTI_ASSIGN_OR_RETURN(
      const pid_t pid,
      Start(path, program, output.write.get(), errors.write.get()));
  Child child(pid);
  output.write.Reset();
  errors.write.Reset();
  TUTTI_ASSIGN_OR_RETURN(
      Output read,
      ReadAll(path, program, std::move(output.read), std::move(errors.read)));
  const int status = child.Wait();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    return std::move(read.output);
  }
  const std::string_view said = Trimmed(read.errors);
  const std::string_view last = said.substr(said.rfind('\n') + 1);
  return FailedPrecondition("{} failed{}{}", path, last.empty() ? "" : ": ",
                            last);
}

}  // namespace

absl::StatusOr<std::string> RunProgram(const Program& program) {
  for (const std::string& path : program.paths) {
    if (access(path.c_str(), X_OK) == 0) return RunPath(path, program);
  }
  return NotFound("there is no {}", program.paths.front());
}

}  // namespace tutti::query
