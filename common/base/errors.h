// Statuses with text in fmt's notation. Texts are one line that names the
// thing and the remedy: "cannot open /etc/tutti/x.yaml: no such file; ...".
#ifndef COMMON_BASE_ERRORS_H_
#define COMMON_BASE_ERRORS_H_

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"

namespace tutti {

template <typename... Args>
absl::Status MakeError(absl::StatusCode code, fmt::format_string<Args...> text,
                       Args&&... args) {
  return absl::Status(code, fmt::format(text, std::forward<Args>(args)...));
}

template <typename... Args>
absl::Status InvalidArgument(fmt::format_string<Args...> text, Args&&... args) {
  return MakeError(absl::StatusCode::kInvalidArgument, text,
                   std::forward<Args>(args)...);
}

template <typename... Args>
absl::Status NotFound(fmt::format_string<Args...> text, Args&&... args) {
  return MakeError(absl::StatusCode::kNotFound, text,
                   std::forward<Args>(args)...);
}

template <typename... Args>
absl::Status AlreadyExists(fmt::format_string<Args...> text, Args&&... args) {
  return MakeError(absl::StatusCode::kAlreadyExists, text,
                   std::forward<Args>(args)...);
}

template <typename... Args>
absl::Status PermissionDenied(fmt::format_string<Args...> text,
                              Args&&... args) {
  return MakeError(absl::StatusCode::kPermissionDenied, text,
                   std::forward<Args>(args)...);
}

template <typename... Args>
absl::Status FailedPrecondition(fmt::format_string<Args...> text,
                                Args&&... args) {
  return MakeError(absl::StatusCode::kFailedPrecondition, text,
                   std::forward<Args>(args)...);
}

template <typename... Args>
absl::Status Unavailable(fmt::format_string<Args...> text, Args&&... args) {
  return MakeError(absl::StatusCode::kUnavailable, text,
                   std::forward<Args>(args)...);
}

template <typename... Args>
absl::Status DataLoss(fmt::format_string<Args...> text, Args&&... args) {
  return MakeError(absl::StatusCode::kDataLoss, text,
                   std::forward<Args>(args)...);
}

template <typename... Args>
absl::Status ResourceExhausted(fmt::format_string<Args...> text,
                               Args&&... args) {
  return MakeError(absl::StatusCode::kResourceExhausted, text,
                   std::forward<Args>(args)...);
}

template <typename... Args>
absl::Status Internal(fmt::format_string<Args...> text, Args&&... args) {
  return MakeError(absl::StatusCode::kInternal, text,
                   std::forward<Args>(args)...);
}

// "no such file or directory"-style text of an errno value.
std::string ErrnoText(int error);

// A system call that failed: "cannot <what>: <text of errno>". The code is
// chosen from the errno value (ENOENT: NOT_FOUND, EACCES: PERMISSION_DENIED,
// EEXIST: ALREADY_EXISTS, ...; otherwise INTERNAL).
absl::Status SystemError(int error, std::string_view what);

// A status' text as fmt and std take it; valid as long as the status.
inline std::string_view TextOf(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

// The same error with "<prefix>: " before its text.
inline absl::Status WithPrefix(std::string_view prefix,
                               const absl::Status& status) {
  return absl::Status(status.code(),
                      fmt::format("{}: {}", prefix, TextOf(status)));
}

}  // namespace tutti

#endif  // COMMON_BASE_ERRORS_H_
