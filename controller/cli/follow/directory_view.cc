#include "controller/cli/follow/directory_view.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/identity/identity.h"

namespace tutti::cli {
namespace {

// Far below the usual limit of 1024 descriptors.
constexpr size_t kMaxOpenFiles = 256;

bool HasRun(v1::TaskState state) {
  return state == v1::TASK_STATE_COMPLETED || state == v1::TASK_STATE_FAILED ||
         state == v1::TASK_STATE_TIMED_OUT || state == v1::TASK_STATE_STOPPED;
}

}  // namespace

absl::Status PrepareOutputDirectory(const std::string& path) {
  TUTTI_RETURN_IF_ERROR(MakeDirectories(path, 0777));
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(path.c_str()),
                                                      closedir);
  if (directory == nullptr) {
    return SystemError(errno, fmt::format("open the folder {}", path));
  }
  while (const dirent* entry = readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    return AlreadyExists(
        "--output-dir: {} is not empty; name a new folder, so that nothing is "
        "overwritten",
        path);
  }
  if (access(path.c_str(), W_OK | X_OK) != 0) {
    return SystemError(errno, fmt::format("write to the folder {}", path));
  }
  return absl::OkStatus();
}

DirectoryView::DirectoryView(const FollowedJob& job, std::string directory,
                             Sinks sinks)
    : job_(job),
      directory_(std::move(directory)),
      sinks_(sinks),
      written_(job.tasks().size()) {}

void DirectoryView::OnOutput(size_t task, const OutputPiece& piece) {
  const std::string& name = job_.tasks()[task].name;
  if (piece.content == nullptr) {
    sinks_.error +=
        RemarkLine(name, MissingText(piece.missing_bytes), /*color=*/false);
  } else if (piece.stream == v1::OUTPUT_STREAM_EVENT) {
    sinks_.error += RemarkLine(name, *piece.content, /*color=*/false);
  } else {
    Append(task, piece.stream, *piece.content);
  }
}

void DirectoryView::OnAttempt(size_t task) {
  // The files are those of the last attempt.
  for (const v1::OutputStream stream : kProcessStreams) {
    if (!written_[task][stream]) continue;
    const int file = FileFor(task, stream);
    if (file >= 0 && ftruncate(file, 0) != 0) {
      Fail(
          SystemError(errno, fmt::format("empty the output of {} in {}",
                                         job_.tasks()[task].name, directory_)));
    }
  }
}

void DirectoryView::OnStatus(size_t task) {
  if (!HasRun(job_.tasks()[task].status.attempt().state())) return;
  FileFor(task, v1::OUTPUT_STREAM_STDOUT);
  FileFor(task, v1::OUTPUT_STREAM_STDERR);
}

absl::Status DirectoryView::Finish(int /*exit_status*/) {
  open_.clear();
  return status_;
}

int DirectoryView::FileFor(size_t task, v1::OutputStream stream) {
  written_[task][stream] = true;
  const auto found =
      std::find_if(open_.begin(), open_.end(), [&](const OpenFile& file) {
        return file.task == task && file.stream == stream;
      });
  if (found != open_.end()) {
    open_.splice(open_.begin(), open_, found);
    return open_.front().descriptor.get();
  }
  const std::string& name = job_.tasks()[task].name;
  // A name is a file's name here; it came from the controller.
  if (absl::Status valid = ValidateName(name); !valid.ok()) {
    Fail(std::move(valid));
    return -1;
  }
  const std::string path =
      fmt::format("{}/{}.{}", directory_, name, StreamName(stream));
  FileDescriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
           0666));
  if (!file.valid()) {
    Fail(SystemError(errno, fmt::format("write {}", path)));
    return -1;
  }
  if (open_.size() >= kMaxOpenFiles) open_.pop_back();
  open_.push_front({task, stream, std::move(file)});
  return open_.front().descriptor.get();
}

void DirectoryView::Append(size_t task, v1::OutputStream stream,
                           std::string_view data) {
  const int file = FileFor(task, stream);
  while (file >= 0 && !data.empty()) {
    const ssize_t written = write(file, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      Fail(
          SystemError(errno, fmt::format("write the output of {} to {}",
                                         job_.tasks()[task].name, directory_)));
      return;
    }
    data.remove_prefix(static_cast<size_t>(written));
  }
}

void DirectoryView::Fail(absl::Status status) {
  if (!status_.ok()) return;
  sinks_.error += fmt::format("tutti: {}\n", std::string(status.message()));
  status_ = std::move(status);
}

}  // namespace tutti::cli
