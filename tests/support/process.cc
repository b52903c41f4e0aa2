#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/files.h"

extern char** environ;

namespace tutti::testing {
namespace {

std::vector<std::string> MakeEnvironment(
    const std::map<std::string, std::string>& changes) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string line = *entry;
    if (!changes.contains(line.substr(0, line.find('=')))) {
      environment.push_back(line);
    }
  }
  for (const auto& [name, value] : changes) {
    if (!value.empty()) environment.push_back(name + "=" + value);
  }
  return environment;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

// On a thread of its own.
void WriteAndClose(FileDescriptor to, std::string text) {
  // A process need not read all of it.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  size_t at = 0;
  while (at < text.size()) {
    const ssize_t n = write(to.get(), text.data() + at, text.size() - at);
    if (n <= 0 && errno != EINTR) return;
    if (n > 0) at += static_cast<size_t>(n);
  }
}

}  // namespace

Process::Process(const Options& options) {
  std::vector<std::string> arguments = options.arguments;
  std::vector<std::string> environment = MakeEnvironment(options.environment);
  std::vector<char*> argv = Pointers(arguments);
  std::vector<char*> envp = Pointers(environment);
  int in[2], out[2], err[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 ||
      pipe2(err, O_CLOEXEC) != 0) {
    std::abort();
  }
  if (!options.output_path.empty()) {
    close(out[1]);
    out[1] = open(options.output_path.c_str(),
                  O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  }
  pid_ = fork();
  if (pid_ < 0) std::abort();
  if (pid_ == 0) {
    dup2(in[0], 0);
    dup2(out[1], 1);
    dup2(err[1], 2);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  close(err[1]);
  pidfd_.Reset(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  threads_.emplace_back(WriteAndClose, FileDescriptor(in[1]),
                        options.standard_input);
  threads_.emplace_back(
      [this, fd = out[0]] { Collect(FileDescriptor(fd), output_); });
  threads_.emplace_back(
      [this, fd = err[0]] { Collect(FileDescriptor(fd), error_); });
}

Process::~Process() {
  if (!reaped_) {
    Signal(SIGKILL);
    Wait();
  }
  Drain();
}

void Process::Signal(int signal) {
  if (!reaped_) kill(pid_, signal);
}

int Process::Wait(absl::Duration timeout) {
  if (reaped_) return status_;
  pollfd ended = {pidfd_.get(), POLLIN, 0};
  const absl::Time deadline = absl::Now() + timeout;
  while (poll(&ended, 1,
              static_cast<int>(absl::ToInt64Milliseconds(std::max(
                  deadline - absl::Now(), absl::ZeroDuration())))) < 0 &&
         errno == EINTR) {
  }
  if ((ended.revents & POLLIN) == 0) return -1;
  int status = 0;
  waitpid(pid_, &status, 0);
  reaped_ = true;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return status_;
}

void Process::Drain() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

bool Process::running() { return Wait(absl::ZeroDuration()) == -1; }

std::string Process::output() const {
  MutexLock lock(output_.mutex);
  return output_.text;
}

std::string Process::error() const {
  MutexLock lock(error_.mutex);
  return error_.text;
}

bool Process::WaitForOutput(std::string_view text, absl::Duration timeout) {
  return WaitFor(output_, text, timeout);
}

bool Process::WaitForError(std::string_view text, absl::Duration timeout) {
  return WaitFor(error_, text, timeout);
}

bool Process::WaitFor(Collected& collected, std::string_view text,
                      absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  MutexLock lock(collected.mutex);
  while (collected.text.find(text) == std::string::npos) {
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) return false;
    collected.grew.WaitFor(collected.mutex, absl::ToChronoNanoseconds(left));
  }
  return true;
}

void Process::Collect(FileDescriptor from, Collected& into) {
  char buffer[65536];
  while (true) {
    const ssize_t n = read(from.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    MutexLock lock(into.mutex);
    into.text.append(buffer, static_cast<size_t>(n));
    into.grew.NotifyAll();
  }
}

bool HasEnded(pid_t pid) {
  const absl::StatusOr<std::string> stat =
      ReadFile("/proc/" + std::to_string(pid) + "/stat");
  return !stat.ok() || stat->find(") Z ") != std::string::npos;
}

Finished RunToEnd(const Process::Options& options, absl::Duration timeout) {
  Finished finished;
  Process process(options);
  finished.status = process.Wait(timeout);
  if (finished.status == -1) process.Signal(SIGKILL);
  // The pipes may hold the last bytes until their readers have seen the end.
  process.Drain();
  finished.output = process.output();
  finished.error = process.error();
  return finished;
}

}  // namespace tutti::testing
