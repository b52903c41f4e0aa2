#include "agent/runner/processes/start_process.h"

#include <fcntl.h>
#include <linux/ioprio.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

// The child shares the parent's memory until it runs its program: no sanitizer
// may look at what it does to its stack.
#if defined(__clang__) || defined(__GNUC__)
#define TUTTI_NO_SANITIZE \
  __attribute__((no_sanitize("address", "thread", "undefined")))
#endif

// clone(2) of the C library under the name that ThreadSanitizer does not catch:
// it would take the child for a fork, with memory of its own.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the C library's own name.
extern "C" int __clone(int (*function)(void*), void* stack, int flags,
                       void* argument, ...);

namespace tutti::runner {
namespace {

constexpr size_t kStackBytes = 64 << 10;

using Step = StartError::Step;

// Everything the child needs, made beforehand: it must not allocate, nor take
// a lock that another thread of the parent may hold.
struct ChildPlan {
  const char* const* arguments = nullptr;
  const char* const* environment = nullptr;
  // Ended by null.
  const char* const* programs = nullptr;
  const char* directory = nullptr;
  bool any_directory = false;
  bool switch_user = false;
  uid_t uid = 0;
  gid_t gid = 0;
  const gid_t* groups = nullptr;
  size_t group_count = 0;
  mode_t umask = 0;
  const int* nice = nullptr;
  const int* io_priority = nullptr;
  rlimit descriptor_limit = {};
  const ResourceSetting* limits = nullptr;
  int limit_count = 0;
  ProcessDescriptors descriptors;
  // Written by the child; the parent sleeps until then.
  volatile bool failed = false;
  volatile Step failed_step = Step::kProgram;
  volatile int error = 0;
  volatile int failed_index = -1;
};

[[noreturn]] TUTTI_NO_SANITIZE void Fail(ChildPlan& plan, Step step,
                                         int error) {
  plan.failed = true;
  plan.failed_step = step;
  plan.error = error;
  // Not _exit: a sanitizer would end the parent's affairs there.
  while (true) syscall(SYS_exit_group, 127);
}

// A raw system call: the C library keeps two signals to itself, and a
// sanitizer would take this for the parent's.
TUTTI_NO_SANITIZE void ResetSignals() {
  // struct sigaction as the kernel has it: SIG_DFL, no flags, no mask.
  const unsigned long by_default[4] = {};
  for (int signal = 1; signal < NSIG; ++signal) {
    // Refused for SIGKILL and SIGSTOP.
    syscall(SYS_rt_sigaction, signal, by_default, nullptr, sizeof(uint64_t));
  }
}

TUTTI_NO_SANITIZE void EnterCgroup(ChildPlan& plan) {
  const long processes = syscall(SYS_openat, plan.descriptors.cgroup,
                                 "cgroup.procs", O_WRONLY | O_CLOEXEC);
  if (processes < 0 || syscall(SYS_write, processes, "0", 1) != 1) {
    Fail(plan, Step::kCgroup, errno);
  }
}

// Behind all the places that descriptors of the process may have.
constexpr int kBehindPlaces = kScriptDescriptor + 1;

TUTTI_NO_SANITIZE void ArrangeDescriptors(ChildPlan& plan) {
  // By place; -1: nothing.
  int wanted[kBehindPlaces] = {plan.descriptors.input, plan.descriptors.output,
                               plan.descriptors.error};
  for (int fd = 3; fd < kBehindPlaces; ++fd) wanted[fd] = -1;
  wanted[kMessageDescriptor] = plan.descriptors.message;
  wanted[kResultDescriptor] = plan.descriptors.result;
  wanted[kScriptDescriptor] = plan.descriptors.script;
  // None may stand where another one goes.
  for (int& descriptor : wanted) {
    if (descriptor < 0 || descriptor >= kBehindPlaces) continue;
    const long moved = syscall(SYS_fcntl, descriptor, F_DUPFD, kBehindPlaces);
    if (moved < 0) Fail(plan, Step::kDescriptors, errno);
    descriptor = static_cast<int>(moved);
  }
  // At once, not on exec: a program that is slow to load must not hold other
  // tasks' input open.
  unsigned first_unwanted = 3;
  for (int fd = 0; fd < kBehindPlaces; ++fd) {
    if (wanted[fd] < 0) continue;
    // Not dup2: ThreadSanitizer would note it down for the parent.
    if (syscall(SYS_dup3, wanted[fd], fd, 0) < 0) {
      Fail(plan, Step::kDescriptors, errno);
    }
    const auto place = static_cast<unsigned>(fd);
    if (place > first_unwanted) {
      syscall(SYS_close_range, first_unwanted, place - 1, 0);
    }
    if (place >= first_unwanted) first_unwanted = place + 1;
  }
  syscall(SYS_close_range, first_unwanted, UINT_MAX, 0);
  // Of the session that it leads.
  if (plan.descriptors.has_terminal &&
      syscall(SYS_ioctl, STDIN_FILENO, TIOCSCTTY, 0) != 0) {
    Fail(plan, Step::kDescriptors, errno);
  }
}

// Before it becomes its user, who may not be allowed to.
TUTTI_NO_SANITIZE void SetPrioritiesAndLimits(ChildPlan& plan) {
  if (plan.nice != nullptr &&
      syscall(SYS_setpriority, PRIO_PROCESS, 0, *plan.nice) != 0) {
    Fail(plan, Step::kNice, errno);
  }
  if (plan.io_priority != nullptr &&
      syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, *plan.io_priority) != 0) {
    Fail(plan, Step::kIoPriority, errno);
  }
  setrlimit(RLIMIT_NOFILE, &plan.descriptor_limit);
  for (int i = 0; i < plan.limit_count; ++i) {
    if (syscall(SYS_prlimit64, 0, plan.limits[i].resource,
                &plan.limits[i].limit, nullptr) != 0) {
      plan.failed_index = i;
      Fail(plan, Step::kLimit, errno);
    }
  }
}

// Raw system calls: the C library's would make all threads of the parent
// change their user.
TUTTI_NO_SANITIZE void BecomeUser(ChildPlan& plan) {
  if (!plan.switch_user) return;
  if (syscall(SYS_setgroups, plan.group_count, plan.groups) != 0 ||
      syscall(SYS_setresgid, plan.gid, plan.gid, plan.gid) != 0 ||
      syscall(SYS_setresuid, plan.uid, plan.uid, plan.uid) != 0) {
    Fail(plan, Step::kUser, errno);
  }
}

// The search of execvp(3), but for its way out into a shell.
[[noreturn]] TUTTI_NO_SANITIZE void RunProgram(ChildPlan& plan) {
  int error = ENOENT;
  for (int program = 0; plan.programs[program] != nullptr; ++program) {
    execve(plan.programs[program], const_cast<char**>(plan.arguments),
           const_cast<char**>(plan.environment));
    if (errno == ENOENT || errno == ENOTDIR) continue;
    error = errno;
    plan.failed_index = program;
    if (error != EACCES) break;
  }
  Fail(plan, Step::kProgram, error);
}

TUTTI_NO_SANITIZE int Child(void* argument) {
  ChildPlan& plan = *static_cast<ChildPlan*>(argument);
  if (plan.descriptors.cgroup >= 0 && !plan.descriptors.born_in_cgroup) {
    EnterCgroup(plan);
  }
  ResetSignals();
  setsid();
  umask(plan.umask);
  ArrangeDescriptors(plan);
  SetPrioritiesAndLimits(plan);
  BecomeUser(plan);
  if (chdir(plan.directory) != 0 && (!plan.any_directory || chdir("/") != 0)) {
    Fail(plan, Step::kDirectory, errno);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  RunProgram(plan);
}

std::vector<const char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<const char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& text : strings) pointers.push_back(text.c_str());
  pointers.push_back(nullptr);
  return pointers;
}

// Kept from one start to the next: the child leaves it when it has its own
// memory, before the parent goes on.
class ChildStack {
 public:
  ChildStack()
      : memory_(mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {}
  ~ChildStack() {
    if (memory_ != MAP_FAILED) munmap(memory_, kStackBytes);
  }
  ChildStack(const ChildStack&) = delete;
  ChildStack& operator=(const ChildStack&) = delete;
  // Null when there is no memory.
  void* bottom() const { return memory_ == MAP_FAILED ? nullptr : memory_; }

 private:
  void* const memory_;
};

void* ThreadsChildStack() {
  thread_local const ChildStack stack;
  return stack.bottom();
}

#if defined(__x86_64__)
// clone3(2) into a cgroup, which the C library does not offer: starts a child
// on `stack` in function(argument). Returns the child's id, or -errno.
TUTTI_NO_SANITIZE long CloneIntoCgroup(int cgroup, void* stack,
                                       int (*function)(void*), void* argument,
                                       int& pidfd) {
  clone_args arguments = {};
  arguments.flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_INTO_CGROUP;
  arguments.pidfd = reinterpret_cast<uintptr_t>(&pidfd);
  arguments.exit_signal = SIGCHLD;
  arguments.stack = reinterpret_cast<uintptr_t>(stack);
  arguments.stack_size = kStackBytes;
  arguments.cgroup = static_cast<uint64_t>(cgroup);
  long result = SYS_clone3;
  register clone_args* first asm("rdi") = &arguments;
  register size_t second asm("rsi") = sizeof arguments;
  // The kernel leaves these two to the child as they are.
  register int (*child_function)(void*) asm("r8") = function;
  register void* child_argument asm("r9") = argument;
  asm volatile(
      "syscall\n\t"
      "testq %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "xorl %%ebp, %%ebp\n\t"
      "movq %%r9, %%rdi\n\t"
      "callq *%%r8\n\t"
      "hlt\n"
      "1:"
      : "+a"(result)
      : "r"(first), "r"(second), "r"(child_function), "r"(child_argument)
      : "rcx", "r11", "cc", "memory");
  return result;
}
#else
long CloneIntoCgroup(int, void*, int (*)(void*), void*, int&) {
  return -ENOSYS;
}
#endif

// The child's id, or -errno.
long Clone(ChildPlan& plan, void* stack, int& pidfd) {
  if (plan.descriptors.cgroup >= 0 && plan.descriptors.born_in_cgroup) {
    return CloneIntoCgroup(plan.descriptors.cgroup, stack, Child, &plan, pidfd);
  }
  const pid_t pid =
      __clone(Child, static_cast<char*>(stack) + kStackBytes,
              CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &plan, &pidfd);
  return pid < 0 ? -errno : pid;
}

TUTTI_NO_SANITIZE int EndAtOnce(void*) {
  while (true) syscall(SYS_exit_group, 0);
}

rlimit& StoredDescriptorLimit() {
  static rlimit limit = [] {
    rlimit now = {};
    getrlimit(RLIMIT_NOFILE, &now);
    return now;
  }();
  return limit;
}

}  // namespace

bool CanBeBornIn(int cgroup) {
  void* const stack = ThreadsChildStack();
  if (stack == nullptr) return false;
  int pidfd = -1;
  const long pid = CloneIntoCgroup(cgroup, stack, EndAtOnce, nullptr, pidfd);
  if (pid < 0) return false;
  const FileDescriptor closed_at_the_end(pidfd);
  int status = -1;
  while (waitpid(static_cast<pid_t>(pid), &status, 0) < 0 && errno == EINTR) {
  }
  return status == 0;
}

rlimit OriginalDescriptorLimit() { return StoredDescriptorLimit(); }

void RestoreDescriptorLimit() {
  const rlimit limit = OriginalDescriptorLimit();
  setrlimit(RLIMIT_NOFILE, &limit);
}

PreparedStart::PreparedStart(const Launch& launch,
                             const ProcessDescriptors& descriptors)
    : launch_(launch),
      descriptors_(descriptors),
      arguments_(Pointers(launch.arguments)),
      environment_(Pointers(launch.environment)),
      programs_(Pointers(launch.programs)),
      descriptor_limit_(OriginalDescriptorLimit()),
      stack_(ThreadsChildStack()) {}

std::variant<StartedProcess, StartError> PreparedStart::Run() const {
  if (stack_ == nullptr) return StartError{Step::kClone, ENOMEM, -1};
  ChildPlan plan;
  plan.arguments = arguments_.data();
  plan.environment = environment_.data();
  plan.programs = programs_.data();
  plan.directory = launch_.directory.c_str();
  plan.any_directory = launch_.any_directory;
  plan.switch_user = launch_.switch_user;
  plan.uid = launch_.user.uid;
  plan.gid = launch_.user.gid;
  plan.groups = launch_.user.groups.data();
  plan.group_count = launch_.user.groups.size();
  plan.umask = launch_.umask;
  plan.nice = launch_.nice.has_value() ? &*launch_.nice : nullptr;
  plan.io_priority =
      launch_.io_priority.has_value() ? &*launch_.io_priority : nullptr;
  plan.descriptor_limit = descriptor_limit_;
  plan.limits = launch_.resource_limits.data();
  plan.limit_count = static_cast<int>(launch_.resource_limits.size());
  plan.descriptors = descriptors_;

  // No handler of the parent may run in the child while they share memory.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int pidfd = -1;
  const long pid = Clone(plan, stack_, pidfd);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) return StartError{Step::kClone, static_cast<int>(-pid), -1};
  StartedProcess started{static_cast<pid_t>(pid), FileDescriptor(pidfd)};
  if (!plan.failed) return started;
  while (waitpid(started.pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return StartError{plan.failed_step, plan.error, plan.failed_index};
}

std::variant<StartedProcess, StartFailure> StartProcess(
    const Launch& launch, const ProcessDescriptors& descriptors) {
  const PreparedStart start(launch, descriptors);
  std::variant<StartedProcess, StartError> started = start.Run();
  if (const auto* error = std::get_if<StartError>(&started)) {
    return Explain(launch, *error);
  }
  return std::get<StartedProcess>(std::move(started));
}

}  // namespace tutti::runner
