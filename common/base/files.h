// Whole files. Every error names the path.
#ifndef COMMON_BASE_FILES_H_
#define COMMON_BASE_FILES_H_

#include <sys/types.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tutti {

// RESOURCE_EXHAUSTED when it is larger than `limit` bytes.
absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     size_t limit = 64 << 20);
// The same; "-" is standard input from where it stands, whatever it is.
absl::StatusOr<std::string> ReadFileOrStandardInput(const std::string& path,
                                                    size_t limit = 64 << 20);

// From where the descriptor stands to its end; `name` is for the error.
absl::StatusOr<std::string> ReadDescriptor(int fd, const std::string& name,
                                           size_t limit = 64 << 20);

// Replaces `path` atomically and durably: a temporary file beside it is
// written, synced and renamed over it. It never exists with another mode.
absl::Status WriteFileAtomically(const std::string& path,
                                 std::string_view content, mode_t mode);

// Makes `path` and its missing parents; the last one gets `mode` when it is
// made here. OK when it exists as a folder.
absl::Status MakeDirectories(const std::string& path, mode_t mode);

// True when `path` exists and is readable by group or others.
absl::StatusOr<bool> IsReadableByOthers(const std::string& path);

// Points the symbolic link `path` to `target`, atomically.
absl::Status ReplaceSymlink(const std::string& path, const std::string& target);

// Writes all of `bytes` at `position`; `path` is for the error.
absl::Status WriteAt(int fd, uint64_t position, std::string_view bytes,
                     const std::string& path);

// fsync of a folder, so that names made in it last.
absl::Status SyncDirectory(const std::string& path);

// Opens for reading and writing: a memory file with `content`, sealed against
// writing, growing and shrinking (memfd_create(2)). The caller owns the
// descriptor.
absl::StatusOr<int> MakeSealedMemoryFile(std::string_view content);
// Its content, after a check of the seals. Does not take ownership.
absl::StatusOr<std::string> ReadSealedMemoryFile(int fd, size_t limit);

}  // namespace tutti

#endif  // COMMON_BASE_FILES_H_
