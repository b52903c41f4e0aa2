#include "common/relay/spool_directory.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/records/record_log.h"

namespace tutti::relay {
namespace {

constexpr size_t kMaxOpen = 16;

absl::StatusOr<uint64_t> FileSize(const std::string& path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) {
    return SystemError(errno, fmt::format("look at {}", path));
  }
  return static_cast<uint64_t>(status.st_size);
}

}  // namespace

void SpoolDirectory::SetPath(std::string path) {
  if (path == path_) return;
  open_.clear();
  path_ = std::move(path);
}

absl::StatusOr<SpoolReader*> SpoolDirectory::Open(const std::string& name) {
  const auto found =
      std::find_if(open_.begin(), open_.end(),
                   [&](const OpenFile& file) { return file.name == name; });
  if (found != open_.end()) {
    open_.splice(open_.begin(), open_, found);
    return &open_.front().reader;
  }
  TUTTI_ASSIGN_OR_RETURN(SpoolReader reader,
                         SpoolReader::Open(path_ + "/" + name));
  if (open_.size() >= kMaxOpen) open_.pop_back();
  open_.push_front({name, std::move(reader)});
  return &open_.front().reader;
}

absl::StatusOr<SpoolReader::Batch> SpoolDirectory::Read(
    const v1::AttemptKey& key, uint64_t from, uint64_t end, size_t max_bytes) {
  if (path_.empty()) {
    return FailedPrecondition(
        "the runner was not reached yet, so the spool's folder is unknown; "
        "see that tutti-runner runs");
  }
  const std::string name = SpoolFileName(key);
  // The key may come from the controller.
  if (name.find('/') != std::string::npos) {
    return InvalidArgument("'{}' is not the name of a target", key.target());
  }
  TUTTI_ASSIGN_OR_RETURN(SpoolReader * reader, Open(name));
  if (end == kEndOfSpool) {
    TUTTI_ASSIGN_OR_RETURN(end, FileSize(path_ + "/" + name));
  }
  return reader->Read(from, end, max_bytes);
}

void SpoolDirectory::Close(const v1::AttemptKey& key) {
  if (open_.empty()) return;
  open_.remove_if([name = SpoolFileName(key)](const OpenFile& file) {
    return file.name == name;
  });
}

}  // namespace tutti::relay
