#include "agent/runner/spool/spool_folder.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/runner/spool/spool_writer.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/records/record_log.h"

namespace tutti::runner {
namespace {

// What is dropped is counted record by record, so steps must not be large.
constexpr uint64_t kStepsPerLimit = 32;
constexpr uint64_t kLargestStep = 1 << 20;

}  // namespace

uint64_t SpoolFolder::trim_step() const {
  return std::min(options_.task_limit / kStepsPerLimit, kLargestStep);
}

absl::StatusOr<std::unique_ptr<SpoolFolder>> SpoolFolder::Open(
    Options options) {
  const std::string& path = options.path;
  // The set-group-id bit hands the group on to the files.
  const mode_t mode = options.reader_group.has_value() ? 02750 : 0700;
  TUTTI_RETURN_IF_ERROR(MakeDirectories(path, 0700));
  if (options.reader_group.has_value() &&
      chown(path.c_str(), static_cast<uid_t>(-1), *options.reader_group) != 0) {
    return SystemError(
        errno, fmt::format("give {} to group {}", path, *options.reader_group));
  }
  if (chmod(path.c_str(), mode) != 0) {
    return SystemError(errno, fmt::format("set the mode of {}", path));
  }
  auto folder =
      std::unique_ptr<SpoolFolder>(new SpoolFolder(std::move(options)));
  TUTTI_RETURN_IF_ERROR(folder->ListFiles());
  return folder;
}

absl::Status SpoolFolder::ListFiles() {
  std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(options_.path.c_str()),
                                                closedir);
  if (directory == nullptr) {
    return SystemError(errno, fmt::format("list {}", options_.path));
  }
  while (const dirent* entry = readdir(directory.get())) {
    const std::string name = entry->d_name;
    if (!name.ends_with(".spool")) continue;
    struct stat info;
    if (stat((options_.path + "/" + name).c_str(), &info) != 0) continue;
    // What trimming has punched out takes no blocks.
    const auto bytes =
        std::min<uint64_t>(static_cast<uint64_t>(info.st_size),
                           static_cast<uint64_t>(info.st_blocks) * 512);
    files_[name] = bytes;
    used_ += bytes;
  }
  return absl::OkStatus();
}

std::string SpoolFolder::PathOf(const tutti::v1::AttemptKey& key) const {
  return options_.path + "/" + SpoolFileName(key);
}

std::optional<SpoolExtent> SpoolFolder::Recover(
    const tutti::v1::AttemptKey& key) {
  const auto file = files_.find(SpoolFileName(key));
  if (file == files_.end()) return std::nullopt;
  const std::string path = PathOf(key);
  absl::StatusOr<SpoolExtent> extent = RecoverSpool(path, trim_step());
  if (!extent.ok()) {
    log::Error("{}", TextOf(extent.status()));
    return std::nullopt;
  }
  if (extent->lost > 0) {
    log::Error("{}: {} damaged bytes at {} were cut off", path, extent->lost,
               extent->end);
  }
  used_ = used_ - file->second + (extent->end - extent->start);
  file->second = extent->end - extent->start;
  return *std::move(extent);
}

std::string SpoolFolder::TakeFromWriter(const tutti::v1::AttemptKey& key) {
  const std::string path = PathOf(key);
  std::string name = SpoolFileName(key);
  const auto writer =
      std::find_if(writers_.begin(), writers_.end(),
                   [&](const SpoolWriter* w) { return w->path() == path; });
  if (writer != writers_.end()) {
    files_[name] = (*writer)->held();
    writers_.erase(writer);
  }
  return name;
}

void SpoolFolder::Retain(const tutti::v1::AttemptKey& key,
                         absl::Time released_at) {
  std::string name = TakeFromWriter(key);
  if (files_.contains(name)) {
    retained_.push_back({std::move(name), released_at});
  }
}

void SpoolFolder::Delete(const tutti::v1::AttemptKey& key) {
  const std::string name = TakeFromWriter(key);
  if (files_.contains(name)) DeleteFile(name);
}

void SpoolFolder::DeleteUnclaimed() {
  std::set<std::string> retained;
  for (const Retained& file : retained_) retained.insert(file.name);
  std::vector<std::string> unclaimed;
  for (const auto& [name, bytes] : files_) {
    if (!retained.contains(name)) unclaimed.push_back(name);
  }
  for (const std::string& name : unclaimed) {
    log::Warning("deleting {}/{}: the ledger knows no such attempt",
                 options_.path, name);
    retained_.push_front({name, absl::InfinitePast()});
    DeleteOldestRetained();
  }
  std::stable_sort(retained_.begin(), retained_.end(),
                   [](const Retained& a, const Retained& b) {
                     return a.released_at < b.released_at;
                   });
}

void SpoolFolder::DeleteOldestRetained() {
  const std::string name = std::move(retained_.front().name);
  retained_.pop_front();
  DeleteFile(name);
}

void SpoolFolder::DeleteFile(const std::string& name) {
  if (unlink((options_.path + "/" + name).c_str()) != 0 && errno != ENOENT) {
    log::Warning("cannot delete {}/{}: {}", options_.path, name,
                 ErrnoText(errno));
  }
  const auto file = files_.find(name);
  if (file == files_.end()) return;
  used_ -= file->second;
  files_.erase(file);
}

std::optional<absl::Time> SpoolFolder::DeleteExpired(absl::Time now) {
  while (!retained_.empty() &&
         retained_.front().released_at + options_.retention <= now) {
    DeleteOldestRetained();
  }
  if (retained_.empty()) return std::nullopt;
  return retained_.front().released_at + options_.retention;
}

uint64_t SpoolFolder::MakeRoom(uint64_t wanted, SpoolWriter& writer) {
  const auto left = [this] {
    return options_.total_limit - std::min(options_.total_limit, used_);
  };
  while (left() < wanted && !retained_.empty()) DeleteOldestRetained();
  for (SpoolWriter* trimmed : writers_) {
    if (left() >= wanted) break;
    trimmed->Trim(wanted - left());
  }
  if (options_.when_full == FullSpool::kDrop && left() < wanted) {
    writer.Drop(wanted - left());
    for (SpoolWriter* other : writers_) {
      if (left() >= wanted) break;
      other->Drop(wanted - left());
    }
  }
  return std::min(wanted, left());
}

}  // namespace tutti::runner
