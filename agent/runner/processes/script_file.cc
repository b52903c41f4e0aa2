#include "agent/runner/processes/script_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"

namespace tutti::runner {
namespace {

constexpr size_t kMaxNameBytes = 200;  // memfd_create(2) takes 249
// Of Linux 6.3, which is newer than this system's headers: hosts may demand it
// (sysctl vm.memfd_noexec).
constexpr unsigned kExecutable = 0x10;
constexpr int kSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;

absl::Status Fill(int file, const std::string& text, mode_t mode,
                  const User& owner) {
  TUTTI_RETURN_IF_ERROR(WriteAt(file, 0, text, "a memory file"));
  const bool owned_by_us = owner.uid == geteuid() && owner.gid == getegid();
  if (fchmod(file, mode) != 0 ||
      (!owned_by_us && fchown(file, owner.uid, owner.gid) != 0) ||
      fcntl(file, F_ADD_SEALS, kSeals) != 0) {
    return SystemError(errno, "seal a memory file");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FileDescriptor> MakeTextFile(const std::string& name,
                                            const std::string& text,
                                            const User& owner) {
  FileDescriptor file(
      memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file.valid()) return SystemError(errno, "make a memory file");
  TUTTI_RETURN_IF_ERROR(Fill(file.get(), text, S_IRUSR, owner));
  return file;
}

absl::StatusOr<FileDescriptor> MakeScriptFile(const LaunchedScript& script,
                                              const User& owner) {
  const std::string name = script.name.substr(0, kMaxNameBytes);
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  FileDescriptor file(memfd_create(name.c_str(), kFlags | kExecutable));
  if (!file.valid() && errno == EINVAL) {
    file.Reset(memfd_create(name.c_str(), kFlags));
  }
  if (!file.valid()) return SystemError(errno, "make a memory file");
  TUTTI_RETURN_IF_ERROR(
      Fill(file.get(), script.text, S_IRUSR | S_IXUSR, owner));
  return file;
}

}  // namespace tutti::runner
