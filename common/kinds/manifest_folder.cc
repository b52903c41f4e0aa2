#include "common/kinds/manifest_folder.h"

#include <fcntl.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "common/base/closest.h"
#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/jobs/kind_name.h"

namespace tutti {
namespace {

constexpr size_t kMaxManifestBytes = 1 << 20;
constexpr char kExtension[] = ".yaml";

absl::Status CheckTrusted(const std::string& path, const struct stat& info) {
  if (info.st_uid != 0 && info.st_uid != geteuid()) {
    return PermissionDenied(
        "{} belongs to user {}, who could change what jobs run; chown it to "
        "root",
        path, info.st_uid);
  }
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return PermissionDenied(
        "others may write to {} and so change what jobs run; chmod go-w it",
        path);
  }
  return absl::OkStatus();
}

absl::Status CheckFolder(const std::string& folder) {
  struct stat info = {};
  if (stat(folder.c_str(), &info) != 0) {
    return SystemError(errno, fmt::format("look into {}", folder));
  }
  return CheckTrusted(folder, info);
}

// Checks the file that it reads, whatever its name means by then.
absl::StatusOr<std::string> ReadTrusted(const std::string& path) {
  // A named pipe must not be waited for.
  const FileDescriptor file(
      open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return SystemError(errno, fmt::format("open {}", path));
  struct stat info = {};
  if (fstat(file.get(), &info) != 0) {
    return SystemError(errno, fmt::format("look at {}", path));
  }
  if (!S_ISREG(info.st_mode)) {
    return FailedPrecondition("{} is no file; make it one", path);
  }
  TUTTI_RETURN_IF_ERROR(CheckTrusted(path, info));
  return ReadDescriptor(file.get(), path, kMaxManifestBytes);
}

// A link is followed: what it leads to is what runs.
absl::Status CheckProgram(const std::string& manifest,
                          const std::string& program) {
  struct stat info = {};
  if (stat(program.c_str(), &info) != 0) {
    return FailedPrecondition(
        "{}: key 'program': {}: {}; install it, or correct the path", manifest,
        program, ErrnoText(errno));
  }
  if (!S_ISREG(info.st_mode) || (info.st_mode & 0111) == 0) {
    return FailedPrecondition(
        "{}: key 'program': {} is no program that can be run; chmod +x it",
        manifest, program);
  }
  TUTTI_RETURN_IF_ERROR(CheckTrusted(program, info));
  return CheckFolder(std::filesystem::path(program).parent_path());
}

std::string PathOf(const std::string& folder, std::string_view name) {
  return fmt::format("{}/{}{}", folder, name, kExtension);
}

// Of the kinds that have a file, sorted.
absl::StatusOr<std::vector<std::string>> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator();
       entry.increment(error)) {
    const std::filesystem::path& path = entry->path();
    if (path.extension() == kExtension && IsKindName(path.stem().string())) {
      names.push_back(path.stem());
    }
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return SystemError(error.value(), fmt::format("look into {}", folder));
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status UnknownKind(const std::string& folder, const std::string& name) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesIn(folder));
  if (names.empty()) {
    return NotFound("unknown kind '{}'; this target has none, write {} for it",
                    name, PathOf(folder, name));
  }
  const auto meant = Closest(name, names);
  return NotFound("unknown kind '{}'{}; this target has {}", name,
                  meant ? fmt::format(" (did you mean {}?)", *meant) : "",
                  fmt::join(names, ", "));
}

// Its mistakes on one line.
absl::Status OnOneLine(const absl::Status& status) {
  std::string text(TextOf(status));
  for (size_t at = text.find('\n'); at != text.npos; at = text.find('\n')) {
    text.replace(at, 1, "; ");
  }
  return absl::Status(status.code(), text);
}

absl::StatusOr<Manifest> LoadFile(const std::string& path) {
  TUTTI_ASSIGN_OR_RETURN(const std::string text, ReadTrusted(path));
  absl::StatusOr<Manifest> manifest = ParseManifest(text, path);
  if (!manifest.ok()) return OnOneLine(manifest.status());
  TUTTI_RETURN_IF_ERROR(CheckProgram(path, manifest->program));
  return manifest;
}

}  // namespace

absl::StatusOr<Manifest> LoadManifest(const std::string& folder,
                                      const std::string& name) {
  const std::string path = PathOf(folder, name);
  if (access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
    return UnknownKind(folder, name);
  }
  TUTTI_RETURN_IF_ERROR(CheckFolder(folder));
  return LoadFile(path);
}

absl::StatusOr<std::vector<FoundManifest>> LoadManifests(
    const std::string& folder) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesIn(folder));
  std::vector<FoundManifest> found;
  found.reserve(names.size());
  const absl::Status trusted =
      names.empty() ? absl::OkStatus() : CheckFolder(folder);
  for (const std::string& name : names) {
    const std::string path = PathOf(folder, name);
    found.push_back(
        {name, path,
         trusted.ok() ? LoadFile(path) : absl::StatusOr<Manifest>(trusted)});
  }
  return found;
}

}  // namespace tutti
