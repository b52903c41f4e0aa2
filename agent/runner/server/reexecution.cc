#include "agent/runner/server/reexecution.h"

#include <fcntl.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"

namespace tutti::runner {
namespace {

// Number of a sealed memory file with a v1::Handover.
constexpr char kVariable[] = "TUTTI_RUNNER_HANDOVER";
constexpr size_t kMaxHandoverBytes = 64 << 20;

void CloseOnExec(const v1::Handover& handover, bool close) {
  for (const v1::HandedTask& task : handover.tasks()) {
    for (const int descriptor : task.descriptors()) {
      fcntl(descriptor, F_SETFD, close ? FD_CLOEXEC : 0);
    }
    if (!task.has_input()) continue;
    fcntl(task.input().file_descriptor(), F_SETFD, close ? FD_CLOEXEC : 0);
  }
}

}  // namespace

absl::Status HandOver(const v1::Handover& handover,
                      const std::function<absl::Status()>& execute) {
  const std::string bytes = handover.SerializeAsString();
  if (bytes.size() > kMaxHandoverBytes) {
    return ResourceExhausted(
        "what is to be handed over takes {}, {} are possible; try again when "
        "less input waits for tasks that do not read it",
        FormatSize(bytes.size()), FormatSize(kMaxHandoverBytes));
  }
  TUTTI_ASSIGN_OR_RETURN(const int number, MakeSealedMemoryFile(bytes));
  const FileDescriptor memory_file(number);
  fcntl(number, F_SETFD, 0);
  CloseOnExec(handover, false);
  setenv(kVariable, std::to_string(number).c_str(), 1);
  absl::Status status = execute();
  unsetenv(kVariable);
  CloseOnExec(handover, true);
  return status;
}

absl::StatusOr<std::optional<v1::Handover>> TakeHandover() {
  const char* const text = getenv(kVariable);
  if (text == nullptr) return std::nullopt;
  const FileDescriptor memory_file(std::atoi(text));
  unsetenv(kVariable);
  TUTTI_ASSIGN_OR_RETURN(
      const std::string bytes,
      ReadSealedMemoryFile(memory_file.get(), kMaxHandoverBytes));
  v1::Handover handover;
  if (!handover.ParseFromString(bytes)) {
    return InvalidArgument(
        "the memory file in {} can not be parsed; unset the variable",
        kVariable);
  }
  CloseOnExec(handover, true);
  return handover;
}

}  // namespace tutti::runner
