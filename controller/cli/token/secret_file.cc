#include "controller/cli/token/secret_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "common/base/errors.h"

namespace tutti::cli {

absl::StatusOr<std::unique_ptr<SecretFile>> SecretFile::Create(
    const std::string& path) {
  const int descriptor =
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor >= 0) {
    return std::unique_ptr<SecretFile>(new SecretFile(path, descriptor));
  }
  if (errno == EEXIST) {
    return FailedPrecondition(
        "--out: {} is there already; remove it, or name another file", path);
  }
  return WithPrefix("--out",
                    SystemError(errno, fmt::format("create {}", path)));
}

SecretFile::~SecretFile() {
  if (descriptor_.valid()) unlink(path_.c_str());
}

absl::Status SecretFile::Write(std::string_view content) {
  while (!content.empty()) {
    const ssize_t written =
        write(descriptor_.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError(errno, fmt::format("write {}", path_));
    content.remove_prefix(static_cast<size_t>(written));
  }
  if (fsync(descriptor_.get()) != 0) {
    return SystemError(errno, fmt::format("sync {}", path_));
  }
  descriptor_.Reset();
  return absl::OkStatus();
}

}  // namespace tutti::cli
