// `--cursor NAME`: where a reader of a job stands.
#ifndef CONTROLLER_CLI_FOLLOW_NAMED_CURSOR_H_
#define CONTROLLER_CLI_FOLLOW_NAMED_CURSOR_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/file_descriptor.h"
#include "controller/cli/follow/followed_job.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

// INVALID_ARGUMENT unless `name` can be a file's name everywhere: letters,
// digits, '-', '_' and '.', 64 at most.
absl::Status CheckCursorName(std::string_view name);

// A file in $XDG_STATE_HOME/tutti/cursors/FLEET, where that is not set below
// ~/.local/state. It belongs to one reader as long as this lives.
class NamedCursor {
 public:
  // `name` is good. FAILED_PRECONDITION when another reader uses it now,
  // DATA_LOSS when there is something else in the file.
  static absl::StatusOr<NamedCursor> Open(const std::string& fleet,
                                          const std::string& name);

  // Where to go on in the job; what is not named begins at its beginning. So
  // does another job than the one that was read last, and a task that was
  // tried again meanwhile.
  std::vector<v1::TaskCursor> PlacesIn(const v1::GetJobResponse& job) const;
  // Everything that came of the job was read.
  absl::Status Store(const FollowedJob& job) const;

 private:
  NamedCursor(std::string path, FileDescriptor lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}
  absl::Status Load();

  std::string path_;
  FileDescriptor lock_;
  // Of the job that was read last; empty: none.
  std::string job_uuid_;
  std::vector<v1::TaskCursor> places_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_NAMED_CURSOR_H_
