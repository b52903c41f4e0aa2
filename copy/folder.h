// Folders by descriptor: listed, walked down without following a link, removed.
#ifndef COPY_FOLDER_H_
#define COPY_FOLDER_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/file_descriptor.h"

namespace tutti::copy {

// The names in a folder, sorted, without "." and "..". `fd` is borrowed and
// must be open for reading.
absl::StatusOr<std::vector<std::string>> ListFolder(int fd,
                                                    const std::string& path);

// Removes `name` in `folder` with everything in it; follows no link. OK when
// it is not there.
absl::Status RemoveTree(int folder, const std::string& name,
                        const std::string& path);

// Opens folders below one folder, step by step and never through a symbolic
// link, so that whoever may write somewhere in it can not lead us out of it.
// Keeps the last folder with those above it open: neighbours cost one step.
// Not thread-safe.
class FolderTree {
 public:
  // `path` is for errors.
  FolderTree(FileDescriptor root, std::string path)
      : root_(std::move(root)), path_(std::move(path)) {}

  int root() const { return root_.get(); }
  // As errors name what is below it.
  std::string Shown(std::string_view relative) const;

  // A folder by its relative path, "" for the root. Borrowed; good until the
  // next call. NOT_FOUND when it is not there, FAILED_PRECONDITION when it is
  // a link or no folder.
  absl::StatusOr<int> Open(std::string_view relative);

 private:
  absl::Status Enter(std::string name, std::string_view relative);
  int current() const {
    return open_.empty() ? root_.get() : open_.back().second.get();
  }

  FileDescriptor root_;
  std::string path_;
  std::vector<std::pair<std::string, FileDescriptor>> open_;
};

}  // namespace tutti::copy

#endif  // COPY_FOLDER_H_
