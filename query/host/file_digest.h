// Digests of files.
#ifndef QUERY_HOST_FILE_DIGEST_H_
#define QUERY_HOST_FILE_DIGEST_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tutti::query {

// An error where OpenSSL lacks one of `names` (DigestsOf).
absl::Status CheckDigests(const std::vector<std::string_view>& names);

// In hexadecimal digits, one for each of `names` ("md5", "sha1", "sha256", as
// OpenSSL names them); the file is read once. FAILED_PRECONDITION when `path`
// is not a regular file.
absl::StatusOr<std::vector<std::string>> DigestsOf(
    const std::string& path, const std::vector<std::string_view>& names);

}  // namespace tutti::query

#endif  // QUERY_HOST_FILE_DIGEST_H_
