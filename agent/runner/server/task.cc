#include "agent/runner/server/task.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/records/record_log.h"

namespace tutti::runner {
namespace {

// A pipe is as large by default; one that was full gets room for more.
constexpr uint64_t kDefaultPipeBytes = 64 << 10;
constexpr int kLargePipeBytes = 256 << 10;
// More than the kernel keeps of a terminal.
constexpr uint64_t kTerminalBytes = 64 << 10;

}  // namespace

Task::Task(EventLoop& loop, SpoolWriter& spool, const Clock& clock,
           bool keep_children, Callbacks callbacks)
    : loop_(loop),
      spool_(spool),
      clock_(clock),
      keep_children_(keep_children),
      callbacks_(std::move(callbacks)) {
  output_.name = tutti::v1::OUTPUT_STREAM_STDOUT;
  error_.name = tutti::v1::OUTPUT_STREAM_STDERR;
  message_.name = tutti::v1::OUTPUT_STREAM_MESSAGE;
  result_.name = tutti::v1::OUTPUT_STREAM_RESULT;
}

Task::~Task() {
  for (Stream* stream : Streams()) Close(*stream);
}

void Task::Start(ProcessLauncher& launcher, std::unique_ptr<Launch> launch,
                 std::optional<InputRules> input) {
  // Who asks for its input does so there.
  if (input.has_value() && !input->public_key.has_value()) {
    output_.name = tutti::v1::OUTPUT_STREAM_REQUEST;
  }
  input_rules_ = std::move(input);
  start_remarks_ = std::move(launch->remarks);
  launcher.Start(std::move(launch), TreeCallbacks(),
                 [this](ProcessLauncher::Started started) {
                   OnStarted(std::move(started));
                 });
}

ProcessTreeCallbacks Task::TreeCallbacks() {
  return {.on_main_ended = [this](const MainEnd& end,
                                  bool left) { OnMainEnded(end, left); },
          .on_empty = [this](uint32_t killed) { OnEmpty(killed); }};
}

absl::Status Task::TakeUp(ProcessLauncher& launcher, ReturnedTask task,
                          const v1::HandedTask* handed) {
  FileDescriptor input_end = std::move(task.input);
  if (task.task.requests()) output_.name = tutti::v1::OUTPUT_STREAM_REQUEST;
  TUTTI_ASSIGN_OR_RETURN(LaunchedProcess process,
                         launcher.TakeUp(std::move(task), TreeCallbacks()));
  Adopt(std::move(process));
  if (handed == nullptr) return absl::OkStatus();
  terminating_ = handed->cause() != v1::HandedTask::CAUSE_UNSPECIFIED;
  if (!handed->has_input()) return absl::OkStatus();
  const absl::Status input =
      TakeUpInput(handed->input(), handed->task().key(), std::move(input_end));
  if (!input.ok()) log::Error("a task gets no more input: {}", TextOf(input));
  return absl::OkStatus();
}

absl::Status Task::TakeUpInput(const v1::HandedInput& handed,
                               const tutti::v1::AttemptKey& key,
                               FileDescriptor descriptor) {
  if (handed.is_terminal()) {
    TUTTI_ASSIGN_OR_RETURN(ProcessStreams streams,
                           StreamsOfMaster(std::move(descriptor)));
    output_.is_terminal = true;
    Open(output_, std::move(streams.output));
    descriptor = std::move(streams.input);
  }
  // Its input was at its end.
  if (handed.is_terminal() && !handed.has_public_key()) return absl::OkStatus();
  TUTTI_ASSIGN_OR_RETURN(
      input_, TaskInput::TakeUp(loop_, key, handed,
                                {std::move(descriptor), handed.is_terminal()},
                                TellInput()));
  return absl::OkStatus();
}

absl::AnyInvocable<void()> Task::TellInput() {
  return [this] {
    if (input_ != nullptr) callbacks_.on_input(input_->state());
  };
}

std::optional<HeldDescription> Task::Describe() const {
  if (tree_ == nullptr || main_ended_) return std::nullopt;
  HeldDescription held;
  held.task.set_requests(output_.name == tutti::v1::OUTPUT_STREAM_REQUEST);
  if (output_.pipe.valid() && !output_.is_terminal) {
    held.task.set_output(held.Add(output_.pipe.get()));
  }
  if (error_.pipe.valid()) held.task.set_error(held.Add(error_.pipe.get()));
  if (message_.pipe.valid()) {
    held.task.set_message(held.Add(message_.pipe.get()));
  }
  if (result_.pipe.valid()) held.task.set_result(held.Add(result_.pipe.get()));
  tree_->Describe(held);
  return held;
}

std::optional<v1::HandedInput> Task::DescribeInput() const {
  const bool takes_input = input_ != nullptr && !input_->state().closed;
  const bool has_terminal = output_.is_terminal && output_.pipe.valid();
  if (!takes_input && !has_terminal) return std::nullopt;
  v1::HandedInput handed;
  handed.set_is_terminal(output_.is_terminal);
  if (takes_input) input_->Describe(handed);
  if (has_terminal) handed.set_file_descriptor(output_.pipe.get());
  return handed;
}

void Task::GiveInput(std::string_view signed_input) {
  if (input_ != nullptr) input_->Accept(signed_input);
}

InputState Task::input() const {
  return input_ == nullptr ? InputState() : input_->state();
}

void Task::OnStarted(ProcessLauncher::Started started) {
  if (auto* failure = std::get_if<StartFailure>(&started)) {
    ProcessEnd end;
    end.start_error = failure->error;
    end.remark = std::move(failure->reason);
    return callbacks_.on_started(std::move(end));
  }
  Adopt(std::move(std::get<LaunchedProcess>(started)));
  for (const std::string& remark : start_remarks_) WriteEvent(remark);
  callbacks_.on_started(std::nullopt);
}

void Task::Adopt(LaunchedProcess process) {
  tree_ = std::move(process.tree);
  ProcessStreams& streams = process.streams;
  output_.is_terminal = streams.is_terminal;
  if (streams.output.valid()) Open(output_, std::move(streams.output));
  if (streams.error.valid()) Open(error_, std::move(streams.error));
  if (streams.message.valid()) Open(message_, std::move(streams.message));
  if (streams.result.valid()) Open(result_, std::move(streams.result));
  if (streams.input.valid()) {
    AdoptInput(std::move(streams.input), streams.is_terminal);
  }
}

void Task::AdoptInput(FileDescriptor descriptor, bool is_terminal) {
  if (!input_rules_.has_value()) return;
  absl::StatusOr<std::unique_ptr<TaskInput>> input =
      TaskInput::Create(loop_, *std::exchange(input_rules_, std::nullopt),
                        {std::move(descriptor), is_terminal}, TellInput());
  if (input.ok()) {
    input_ = *std::move(input);
  } else {
    log::Error("a task gets no input: {}", TextOf(input.status()));
    callbacks_.on_input({});
  }
}

void Task::Open(Stream& stream, FileDescriptor pipe) {
  stream.pipe = std::move(pipe);
  WatchStream(stream);
}

void Task::WatchStream(Stream& stream) {
  absl::StatusOr<EventLoop::Watch> watch =
      loop_.Add(stream.pipe.get(), EPOLLIN,
                [this, &stream](uint32_t events) { OnPipe(stream, events); });
  if (watch.ok()) {
    stream.watch = *watch;
  } else {
    // Out of kernel memory: the next Resume tries again.
    log::Error("{}", TextOf(watch.status()));
    stream.blocked = true;
    callbacks_.on_blocked();
  }
}

void Task::Close(Stream& stream) {
  loop_.Remove(stream.watch);
  stream.pipe.Reset();
  stream.blocked = false;
}

void Task::OnPipe(Stream& stream, uint32_t events) {
  if ((events & EPOLLIN) == 0) return Close(stream);
  const absl::StatusOr<SpoolWriter::Taken> taken =
      spool_.Take(SourceOf(stream), kMaxRecordBytes, clock_.Now());
  if (!taken.ok()) {
    if (!std::exchange(write_error_logged_, true)) {
      log::Error("{}; the command waits until it can be written",
                 TextOf(taken.status()));
    }
    return Block(stream);
  }
  if (taken->blocked) return Block(stream);
  if (taken->ended) return Close(stream);
  if (taken->bytes >= kDefaultPipeBytes && !stream.grown) {
    stream.grown = true;
    // May be refused to a user who has many large pipes already.
    fcntl(stream.pipe.get(), F_SETPIPE_SZ, kLargePipeBytes);
  }
  if (taken->bytes > 0) callbacks_.on_output();
}

OutputSource Task::SourceOf(const Stream& stream) {
  return {stream.pipe.get(), stream.is_terminal, stream.name};
}

void Task::Block(Stream& stream) {
  loop_.Remove(stream.watch);
  stream.blocked = true;
  callbacks_.on_blocked();
}

void Task::Resume() {
  for (Stream* stream : Streams()) {
    if (stream->blocked && stream->pipe.valid()) {
      stream->blocked = false;
      WatchStream(*stream);
      // Nothing tells of what was read from it and could not be written.
      if (!stream->blocked && stream->is_terminal && spool_.has_unwritten()) {
        OnPipe(*stream, EPOLLIN);
      }
    }
  }
}

void Task::TakeRest(Stream& stream) {
  if (!stream.pipe.valid()) return;
  uint64_t left = kTerminalBytes;
  int in_pipe = 0;
  if (!stream.is_terminal) {
    if (ioctl(stream.pipe.get(), FIONREAD, &in_pipe) != 0) return;
    left = static_cast<uint64_t>(in_pipe);
  }
  while (left > 0) {
    const absl::StatusOr<SpoolWriter::Taken> taken =
        spool_.TakeLast(SourceOf(stream), left, clock_.Now());
    if (!taken.ok()) {
      AddRemark(fmt::format("the end of its output, at most {}, is lost: {}",
                            FormatSize(left), TextOf(taken.status())));
      break;
    }
    if (taken->bytes == 0) break;
    left -= std::min(left, taken->bytes);
  }
  Close(stream);
}

void Task::TakeRests() {
  for (Stream* stream : Streams()) TakeRest(*stream);
}

void Task::Terminate(int signal) {
  terminating_ = true;
  tree_->Signal(signal);
}

void Task::Kill() {
  terminating_ = true;
  tree_->Kill();
}

void Task::Freeze() {
  const std::string remark = tree_->Freeze();
  if (!remark.empty()) WriteEvent(remark);
}

void Task::Thaw() { tree_->Thaw(); }

void Task::OnMainEnded(const MainEnd& end, bool others_left) {
  main_ended_ = true;
  end_.wait_status = end.wait_status;
  if (!end.lost_because.empty()) {
    end_.lost = true;
    AddRemark(end.lost_because);
  }
  if (end.killed_for_memory > 0) {
    AddRemark(
        fmt::format("out of memory: the kernel killed {} of its processes; "
                    "give it a higher --memory, or the host more",
                    end.killed_for_memory));
  }
  *end_.usage.mutable_user_time() = ToProto(end.user_time);
  *end_.usage.mutable_system_time() = ToProto(end.system_time);
  end_.usage.set_peak_resident_bytes(end.peak_resident_bytes);
  if (!others_left) return Finish();
  // Told to end: the others have the rest of the grace time as well, and may
  // still say something.
  if (terminating_) return;
  TakeRests();
  if (keep_children_) {
    tree_->Abandon();
    return Finish();
  }
  tree_->Kill();
  callbacks_.on_killing_leftovers();
}

void Task::OnEmpty(uint32_t killed) {
  end_.killed_leftovers = killed;
  Finish();
}

void Task::GiveUp() {
  if (finished_) return;
  if (!main_ended_) end_.lost = true;
  AddRemark("processes of it could not be killed and live on");
  tree_->Abandon();
  Finish();
}

void Task::Finish() {
  if (std::exchange(finished_, true)) return;
  input_.reset();
  TakeRests();
  if (spool_.dropped() > 0) {
    WriteEvent(fmt::format(
        "{} bytes of its output were dropped, the oldest that nobody had "
        "taken, because the spool was full",
        spool_.dropped()));
  }
  if (end_.killed_leftovers > 0) {
    WriteEvent(fmt::format(
        "{} {} left over and had to be killed", end_.killed_leftovers,
        end_.killed_leftovers == 1 ? "process was" : "processes were"));
  }
  callbacks_.on_ended(std::move(end_));
}

void Task::WriteEvent(std::string_view text) {
  const absl::Status written = spool_.WriteEvent(text, clock_.Now());
  if (!written.ok()) log::Error("{}", TextOf(written));
}

void Task::AddRemark(std::string_view remark) {
  if (!end_.remark.empty()) end_.remark += "; ";
  end_.remark += remark;
}

}  // namespace tutti::runner
