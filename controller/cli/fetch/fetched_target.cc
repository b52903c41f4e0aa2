#include "controller/cli/fetch/fetched_target.h"

#include <sys/stat.h>

#include <cerrno>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace tutti::cli {

absl::Status FetchedTarget::Feed(std::string_view bytes) {
  if (!status_.ok() || finished_) return absl::OkStatus();
  if (stream_ == nullptr) {
    if (absl::Status begun = Begin(); !begun.ok()) {
      return Fail(std::move(begun));
    }
  }
  absl::Status fed = stream_->reader.Feed(bytes);
  if (fed.ok()) fed = file_status_;
  return fed.ok() ? fed : Fail(std::move(fed));
}

absl::Status FetchedTarget::Refuse(absl::Status status) {
  return status.ok() ? status : Fail(std::move(status));
}

absl::Status FetchedTarget::Miss(uint64_t bytes) {
  if (!status_.ok() || finished_) return absl::OkStatus();
  return Fail(
      DataLoss("{} of what it sent were lost on the way; fetch it again",
               FormatSize(bytes)));
}

absl::Status FetchedTarget::Finish() {
  if (finished_) return absl::OkStatus();
  finished_ = true;
  const bool told = !status_.ok();
  absl::Status status = begun_ ? Close() : DataLoss("it sent nothing");
  if (told) return absl::OkStatus();
  status_ = status;
  return status;
}

absl::Status FetchedTarget::Begin() {
  if (mkdir(folder_.c_str(), 0777) != 0 && errno != EEXIST) {
    return SystemError(errno, fmt::format("make the folder {}", folder_));
  }
  copy::GatheredFolder::Listener listener;
  listener.on_file = [this](const copy::GatheredFile& file) {
    ++files_;
    bytes_ += file.size;
    if (on_file_) file_status_.Update(on_file_(file));
  };
  listener.on_problem = [this](const std::string& path,
                               const std::string& message) {
    ++problem_count_;
    if (problems_.size() < kMaxProblems) problems_.push_back({path, message});
  };
  TUTTI_ASSIGN_OR_RETURN(copy::GatheredFolder folder,
                         copy::GatheredFolder::Open(
                             folder_, std::move(listener), preserve_owner_));
  stream_ = std::make_unique<Stream>(std::move(folder));
  begun_ = true;
  return absl::OkStatus();
}

absl::Status FetchedTarget::Fail(absl::Status status) {
  status_ = status;
  // What is half there goes at once, not when the target has ended.
  status.Update(Close());
  return status;
}

absl::Status FetchedTarget::Close() {
  if (stream_ == nullptr) return absl::OkStatus();
  absl::Status status = stream_->reader.Finish();
  status.Update(stream_->folder.Finish());
  stream_ = nullptr;
  return status;
}

}  // namespace tutti::cli
