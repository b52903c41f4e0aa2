// Whole files of a host. Their owner may be anybody: what is read is never a
// pipe or a device, which could keep the reader waiting for ever.
#ifndef QUERY_HOST_REGULAR_FILE_H_
#define QUERY_HOST_REGULAR_FILE_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "query/host/apart.h"

namespace tutti::query {

// Gives its content piece by piece, until one is refused with an error.
// FAILED_PRECONDITION when `path` is no regular file, nor a symbolic link to
// one. IsSilent when a server that has it does not answer.
absl::Status ReadPieces(const std::string& path, const Take& take);

// Its content; empty where it is not there or is no regular file: what a host
// does not have is no error. RESOURCE_EXHAUSTED when it is larger than `limit`
// bytes.
absl::StatusOr<std::string> ReadIfThere(const std::string& path,
                                        size_t limit = 64 << 20);

// Its content; absent where it can not be read: for one of many files, of which
// some may vanish or be forbidden while the others are read.
std::optional<std::string> ReadIfReadable(const std::string& path,
                                          size_t limit = 64 << 20);

// The same of a file that anybody may have written, of at most 1 MiB; empty
// where it can not be read.
std::string ReadOneOfMany(const std::string& path);

}  // namespace tutti::query

#endif  // QUERY_HOST_REGULAR_FILE_H_
