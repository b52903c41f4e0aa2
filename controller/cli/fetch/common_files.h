// `fetch --gather`: one copy of what is the same on several targets.
#ifndef CONTROLLER_CLI_FETCH_COMMON_FILES_H_
#define CONTROLLER_CLI_FETCH_COMMON_FILES_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/file_descriptor.h"
#include "copy/gathered_folder.h"

namespace tutti::cli {

// Makes files with the same content and mode names of one file, wherever they
// are below a folder. The first ones are kept under further names in a folder
// of our own, where no target's stream can put another file in their place.
// Not thread-safe.
class CommonFiles {
 public:
  // Who has a content of a path: bits by task.
  using Holders = std::vector<bool>;
  // By path, and by digest.
  using Paths = std::map<std::string, std::map<std::string, Holders>>;

  // `folder` is there; ours in it is called after the job.
  static absl::StatusOr<std::unique_ptr<CommonFiles>> Open(
      const std::string& folder, uint64_t job, size_t tasks);
  ~CommonFiles();

  // The file that has just been put below `target_folder`.
  absl::Status Add(size_t task, const std::string& target_folder,
                   const copy::GatheredFile& file);

  const Paths& paths() const { return paths_; }

 private:
  CommonFiles(FileDescriptor parent, FileDescriptor kept, std::string name,
              size_t tasks)
      : parent_(std::move(parent)),
        kept_(std::move(kept)),
        name_(std::move(name)),
        tasks_(tasks) {}

  const FileDescriptor parent_;
  const FileDescriptor kept_;
  const std::string name_;
  const size_t tasks_;
  Paths paths_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FETCH_COMMON_FILES_H_
