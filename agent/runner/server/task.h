// One attempt's process, with its pipes and its spool.
#ifndef AGENT_RUNNER_SERVER_TASK_H_
#define AGENT_RUNNER_SERVER_TASK_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "agent/runner/core/attempt.h"
#include "agent/runner/core/process_end.h"
#include "agent/runner/processes/event_loop.h"
#include "agent/runner/processes/process_launcher.h"
#include "agent/runner/server/task_input.h"
#include "agent/runner/spool/spool_writer.h"
#include "common/base/clock.h"
#include "tutti/runner/v1/held_task.pb.h"

namespace tutti::runner {

// Moves output into the spool until the process and all that came from it is
// done with. One thread only, the loop's.
class Task {
 public:
  // None of them may destroy the task.
  struct Callbacks {
    // First. With a failure nothing else comes.
    absl::AnyInvocable<void(std::optional<ProcessEnd> failure)> on_started;
    absl::AnyInvocable<void()> on_output;
    // The process took input, or takes none any more.
    absl::AnyInvocable<void(const InputState&)> on_input;
    // Nothing can be written at the moment: call Resume.
    absl::AnyInvocable<void()> on_blocked;
    // The main process has ended; what it left behind is being killed.
    absl::AnyInvocable<void()> on_killing_leftovers;
    // Last.
    absl::AnyInvocable<void(ProcessEnd)> on_ended;
  };

  // All must outlive it. `keep_children`: what the main process leaves behind
  // lives on, unless the task is told to end.
  Task(EventLoop& loop, SpoolWriter& spool, const Clock& clock,
       bool keep_children, Callbacks callbacks);
  ~Task();
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  // Once, or TakeUp. `input` absent: the process gets none.
  void Start(ProcessLauncher& launcher, std::unique_ptr<Launch> launch,
             std::optional<InputRules> input);
  // Goes on with what an earlier runner started; on_started is not called.
  // `handed`: that runner was this process before.
  absl::Status TakeUp(ProcessLauncher& launcher, ReturnedTask task,
                      const v1::HandedTask* handed);
  // What another runner needs to go on with it; nothing when it has not
  // started, or only what it left behind is being ended. Whoever has that can
  // not write to the process: a terminal is not in it.
  std::optional<HeldDescription> Describe() const;
  // What only a runner in this process's place may have; nothing when the
  // process takes no input and has no terminal.
  std::optional<v1::HandedInput> DescribeInput() const;
  // A serialised tutti.v1.SignedInput. Ignored before the process runs: whoever
  // has it sends it again when the attempt is told of.
  void GiveInput(std::string_view signed_input);
  InputState input() const;
  // Only after it has started:
  // `signal` is the first one of its end.
  void Terminate(int signal);
  void Kill();
  // All processes stand still; says so in the output if they may notice.
  void Freeze();
  void Thaw();
  // Ends the task with a remark although processes of it live on.
  void GiveUp();
  // Tries again to write.
  void Resume();

 private:
  struct Stream {
    tutti::v1::OutputStream name = tutti::v1::OUTPUT_STREAM_UNSPECIFIED;
    // A pipe's read end or, of standard output alone, a terminal's master.
    FileDescriptor pipe;
    bool is_terminal = false;
    EventLoop::Watch watch = 0;
    bool blocked = false;
    bool grown = false;
  };

  // Of its output, in the order in which they are opened and emptied.
  std::array<Stream*, 4> Streams() {
    return {&output_, &error_, &message_, &result_};
  }
  ProcessTreeCallbacks TreeCallbacks();
  void OnStarted(ProcessLauncher::Started started);
  void Adopt(LaunchedProcess process);
  void AdoptInput(FileDescriptor descriptor, bool is_terminal);
  absl::Status TakeUpInput(const v1::HandedInput& handed,
                           const tutti::v1::AttemptKey& key,
                           FileDescriptor descriptor);
  absl::AnyInvocable<void()> TellInput();
  void Open(Stream& stream, FileDescriptor pipe);
  void WatchStream(Stream& stream);
  void Close(Stream& stream);
  void OnPipe(Stream& stream, uint32_t events);
  static OutputSource SourceOf(const Stream& stream);
  void Block(Stream& stream);
  // What is there now, no more: a process left over may write for ever.
  void TakeRest(Stream& stream);
  void TakeRests();
  void OnMainEnded(const MainEnd& end, bool others_left);
  void OnEmpty(uint32_t killed);
  void Finish();
  // Into the spool.
  void WriteEvent(std::string_view text);
  // Into the outcome's reason.
  void AddRemark(std::string_view remark);

  EventLoop& loop_;
  SpoolWriter& spool_;
  const Clock& clock_;
  const bool keep_children_;
  Callbacks callbacks_;

  Stream output_;
  Stream error_;
  Stream message_;
  Stream result_;
  // Until there is a process.
  std::optional<InputRules> input_rules_;
  // Null when it takes none; until the task has ended.
  std::unique_ptr<TaskInput> input_;
  std::unique_ptr<ProcessTree> tree_;
  ProcessEnd end_;
  // For the spool, once it runs.
  std::vector<std::string> start_remarks_;
  bool terminating_ = false;
  bool main_ended_ = false;
  bool finished_ = false;
  bool write_error_logged_ = false;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_SERVER_TASK_H_
