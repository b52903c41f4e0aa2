// Child processes of integration tests.
#ifndef TESTS_SUPPORT_PROCESS_H_
#define TESTS_SUPPORT_PROCESS_H_

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "common/base/file_descriptor.h"
#include "common/base/mutex.h"

namespace tutti::testing {

// One process with its standard output and error collected. Killed with
// SIGKILL by the destructor if it still runs. Not thread-safe.
class Process {
 public:
  struct Options {
    std::vector<std::string> arguments;  // arguments[0] is the program
    // Added to (or, empty value, taken from) the test's environment.
    std::map<std::string, std::string> environment;
    std::string standard_input;
    // Standard output goes to this file instead of being collected.
    std::string output_path;
  };
  explicit Process(const Options& options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void Signal(int signal);
  // Exit status, or 128 + signal; -1 when `timeout` passed first. Ends the
  // collecting as well.
  int Wait(absl::Duration timeout = absl::Seconds(60));
  bool running();
  // Waits until both streams have ended: everything that was written is in
  // output() and error() then.
  void Drain();

  // What came so far.
  std::string output() const;
  std::string error() const;
  // Waits until standard output (or error) contains `text`.
  bool WaitForOutput(std::string_view text,
                     absl::Duration timeout = absl::Seconds(30));
  bool WaitForError(std::string_view text,
                    absl::Duration timeout = absl::Seconds(30));

 private:
  struct Collected {
    std::string text ABSL_GUARDED_BY(mutex);
    mutable Mutex mutex;
    CondVar grew;
  };
  static void Collect(FileDescriptor from, Collected& into);
  bool WaitFor(Collected& collected, std::string_view text,
               absl::Duration timeout);

  pid_t pid_ = -1;
  FileDescriptor pidfd_;
  int status_ = -1;
  bool reaped_ = false;
  Collected output_;
  Collected error_;
  std::vector<std::thread> threads_;
};

// Of any process: it is gone, or dead and only not reaped by whoever adopted
// it.
bool HasEnded(pid_t pid);

// Runs to the end.
struct Finished {
  int status = -1;
  std::string output;
  std::string error;
};
Finished RunToEnd(const Process::Options& options,
                  absl::Duration timeout = absl::Seconds(60));

}  // namespace tutti::testing

#endif  // TESTS_SUPPORT_PROCESS_H_
