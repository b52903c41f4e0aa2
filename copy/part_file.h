// A file that is being put together beside the one that it will replace.
#ifndef COPY_PART_FILE_H_
#define COPY_PART_FILE_H_

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/file_descriptor.h"
#include "copy/accounts.h"
#include "tutti/v1/copy.pb.h"

namespace tutti::copy {

// Sets owner (where the entry names one and we are root), mode and time of an
// open file or folder. True when owner or mode were others. `path` is for the
// error.
absl::StatusOr<bool> ApplyAttributes(int fd, const v1::CopyEntry& entry,
                                     Accounts& accounts,
                                     const std::string& path);

// The same of a symbolic link, which has no mode.
absl::StatusOr<bool> ApplyLinkAttributes(int folder, const std::string& name,
                                         const v1::CopyEntry& entry,
                                         Accounts& accounts,
                                         const std::string& path);

struct timespec ToTimespec(const google::protobuf::Timestamp& time);

// Mode 0600 and locked: nobody else reads or writes it, another copy of the
// same included. It stays on disk when the object goes, for the next try; see
// Discard. Not thread-safe.
class PartFile {
 public:
  // What an earlier try left; absent when there is nothing. What can not be
  // ours is removed. UNAVAILABLE when another copy is at it. `path` is that of
  // the file it will replace, for errors.
  static absl::StatusOr<std::optional<PartFile>> TakeUp(int folder,
                                                        std::string name,
                                                        std::string path);
  static absl::StatusOr<PartFile> Make(int folder, std::string name,
                                       std::string path);

  int fd() const { return file_.get(); }

  // Gives it its size. All of its room is set aside unless it is sparse, so
  // that a full disk is known before anything is sent.
  absl::Status SetSize(uint64_t size, bool sparse);
  // Of a sparse file the zeros among `bytes` are left out, unless an earlier
  // try may have left something there.
  absl::Status Write(uint64_t offset, std::string_view bytes, bool sparse);
  // Takes `length` bytes over from another file, where the file system can
  // without copying them.
  absl::Status CopyFrom(int source, uint64_t source_offset, uint64_t offset,
                        uint32_t length, bool sparse);

  // Makes it what the entry says and renames it to `name` in `folder`, the one
  // that it was made in. With `sync` its content lasts before its name does.
  absl::Status Commit(int folder, const std::string& name,
                      const v1::CopyEntry& entry, Accounts& accounts,
                      bool sync);
  absl::Status Discard(int folder);

 private:
  PartFile(FileDescriptor file, std::string name, std::string path, bool is_new)
      : file_(std::move(file)),
        name_(std::move(name)),
        path_(std::move(path)),
        is_new_(is_new) {}
  absl::Status Lock(int folder);
  absl::Status WriteError(int error, uint64_t needed) const;

  FileDescriptor file_;
  std::string name_;
  std::string path_;
  bool is_new_;
};

}  // namespace tutti::copy

#endif  // COPY_PART_FILE_H_
