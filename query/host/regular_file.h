// Files whose owner may be anybody: what is read is never a pipe or a device,
// which could keep the reader waiting for ever.
#ifndef QUERY_HOST_REGULAR_FILE_H_
#define QUERY_HOST_REGULAR_FILE_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tutti::query {

// Gives its content piece by piece, until one is refused with an error.
// FAILED_PRECONDITION when `path` is no regular file, nor a symbolic link to
// one.
absl::Status ReadPieces(
    const std::string& path,
    const std::function<absl::Status(std::string_view)>& take);

// Its content; empty where it is not there or is no regular file.
// RESOURCE_EXHAUSTED when it is larger than `limit` bytes.
absl::StatusOr<std::string> ReadRegularFileIfThere(const std::string& path,
                                                   size_t limit = 64 << 20);

// The same of one file among many: empty also where it may not be read, or is
// larger than `limit` bytes.
std::string ReadOneOfMany(const std::string& path, size_t limit = 1 << 20);

}  // namespace tutti::query

#endif  // QUERY_HOST_REGULAR_FILE_H_
