#include "controller/cli/exit_status.h"

#include <string>

#include "absl/strings/cord.h"

namespace tutti::cli {
namespace {

constexpr char kPayload[] = "tutti/exit-status";

}  // namespace

absl::Status WithExitStatus(absl::Status error, int exit_status) {
  if (!error.ok()) {
    error.SetPayload(kPayload, absl::Cord(std::to_string(exit_status)));
  }
  return error;
}

int ExitStatusOf(const absl::Status& status) {
  if (status.ok()) return kExitOk;
  if (const auto payload = status.GetPayload(kPayload)) {
    return std::stoi(std::string(*payload));
  }
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnauthenticated:
      return kExitUnreachable;
    default:
      return kExitUsage;
  }
}

}  // namespace tutti::cli
