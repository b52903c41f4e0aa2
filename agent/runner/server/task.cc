#include "agent/runner/server/task.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

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
}

Task::~Task() {
  Close(output_);
  Close(error_);
}

void Task::Start(ProcessLauncher& launcher, std::unique_ptr<Launch> launch) {
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
                          bool terminating) {
  TUTTI_ASSIGN_OR_RETURN(LaunchedProcess process,
                         launcher.TakeUp(std::move(task), TreeCallbacks()));
  terminating_ = terminating;
  Adopt(std::move(process));
  return absl::OkStatus();
}

std::optional<HeldDescription> Task::Describe() const {
  if (tree_ == nullptr || main_ended_) return std::nullopt;
  HeldDescription held;
  if (output_.pipe.valid()) held.task.set_output(held.Add(output_.pipe.get()));
  if (error_.pipe.valid()) held.task.set_error(held.Add(error_.pipe.get()));
  tree_->Describe(held);
  return held;
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
  if (process.output.valid()) Open(output_, std::move(process.output));
  if (process.error.valid()) Open(error_, std::move(process.error));
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
  const absl::StatusOr<SpoolWriter::Taken> taken = spool_.Take(
      stream.pipe.get(), stream.name, kMaxRecordBytes, clock_.Now());
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

void Task::Block(Stream& stream) {
  loop_.Remove(stream.watch);
  stream.blocked = true;
  callbacks_.on_blocked();
}

void Task::Resume() {
  for (Stream* stream : {&output_, &error_}) {
    if (stream->blocked && stream->pipe.valid()) {
      stream->blocked = false;
      WatchStream(*stream);
    }
  }
}

void Task::TakeRest(Stream& stream) {
  int left = 0;
  if (!stream.pipe.valid() || ioctl(stream.pipe.get(), FIONREAD, &left) != 0) {
    return;
  }
  while (left > 0) {
    const absl::StatusOr<SpoolWriter::Taken> taken =
        spool_.TakeLast(stream.pipe.get(), stream.name,
                        static_cast<uint64_t>(left), clock_.Now());
    if (!taken.ok()) {
      AddRemark(fmt::format("its last {} are lost: {}",
                            FormatSize(static_cast<uint64_t>(left)),
                            TextOf(taken.status())));
      break;
    }
    if (taken->bytes == 0) break;
    left -= static_cast<int>(taken->bytes);
  }
  Close(stream);
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
  TakeRest(output_);
  TakeRest(error_);
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
  TakeRest(output_);
  TakeRest(error_);
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
