#include "common/base/errors.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "common/base/ascii.h"

namespace tutti {
namespace {

absl::StatusCode CodeOf(int error) {
  switch (error) {
    case ENOENT:
      return absl::StatusCode::kNotFound;
    case EACCES:
    case EPERM:
      return absl::StatusCode::kPermissionDenied;
    case EEXIST:
      return absl::StatusCode::kAlreadyExists;
    case EINVAL:
      return absl::StatusCode::kInvalidArgument;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOSPC:
    case EDQUOT:
      return absl::StatusCode::kResourceExhausted;
    case ECONNREFUSED:
    case ECONNRESET:
    case EPIPE:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kInternal;
  }
}

}  // namespace

std::string ErrnoText(int error) {
  char buffer[256];
  // The GNU variant: may return a static string instead of using the buffer.
  std::string text = strerror_r(error, buffer, sizeof buffer);
  if (text.size() > 1 && IsUpper(text[0]) && IsLower(text[1])) {
    text[0] = ToLower(text[0]);
  }
  return text;
}

absl::Status SystemError(int error, std::string_view what) {
  return MakeError(CodeOf(error), "cannot {}: {}", what, ErrnoText(error));
}

}  // namespace tutti
