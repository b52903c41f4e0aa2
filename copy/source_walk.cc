#include "copy/source_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "copy/accounts.h"
#include "copy/folder.h"
#include "copy/manifest.h"

namespace tutti::copy {
namespace {

// Through what was looked at: whatever has the name by now.
FileDescriptor Reopen(int fd, int flags) {
  return FileDescriptor(
      open(fmt::format("/proc/self/fd/{}", fd).c_str(), flags | O_CLOEXEC));
}

absl::StatusOr<std::string> LinkTarget(int fd, const std::string& path) {
  std::string target(PATH_MAX, '\0');
  const ssize_t n = readlinkat(fd, "", target.data(), target.size());
  if (n < 0) return SystemError(errno, fmt::format("read the link {}", path));
  target.resize(static_cast<size_t>(n));
  return target;
}

class Walk {
 public:
  Walk(const SourceOptions& options, SourceVisitor& visitor)
      : options_(options), visitor_(visitor) {}

  // `name` in `folder`, called `path` in the copy.
  absl::Status Visit(int folder, const std::string& name,
                     const std::string& path, const std::string& shown) {
    absl::StatusOr<Found> found = Look(folder, name, path, shown);
    if (!found.ok()) return visitor_.OnProblem(shown, found.status());
    TUTTI_RETURN_IF_ERROR(visitor_.OnItem(found->item));
    if (!found->folder.valid()) return absl::OkStatus();
    return VisitContent(*found, path, shown);
  }

  // The folders that lead to `path`, each once, so that they are there with
  // their modes. What can not be looked at, what is below it will tell.
  absl::Status VisitParents(const std::string& path, std::string_view root) {
    for (size_t slash = path.find('/'); slash != path.npos;
         slash = path.find('/', slash + 1)) {
      const std::string parent = path.substr(0, slash);
      if (!visited_parents_.insert(parent).second) continue;
      // The folder itself, also where a link leads to it.
      const std::string here = fmt::format("{}{}/.", root, parent);
      absl::StatusOr<Found> found = Look(AT_FDCWD, here, parent, here);
      if (!found.ok()) return absl::OkStatus();
      TUTTI_RETURN_IF_ERROR(visitor_.OnItem(found->item));
    }
    return absl::OkStatus();
  }

 private:
  struct Found {
    SourceItem item;
    FileDescriptor folder;
    std::pair<dev_t, ino_t> identity;
  };

  absl::StatusOr<Found> Look(int folder, const std::string& name,
                             const std::string& path,
                             const std::string& shown) {
    // Opened for nothing but to be looked at: more may do something to a
    // device, or wait for ever.
    const int follow = options_.follow_links ? 0 : O_NOFOLLOW;
    const FileDescriptor seen(
        openat(folder, name.c_str(), O_PATH | O_CLOEXEC | follow));
    struct stat info = {};
    if (!seen.valid() || fstat(seen.get(), &info) != 0) {
      return SystemError(errno, fmt::format("open {}", shown));
    }
    Found found;
    found.identity = {info.st_dev, info.st_ino};
    found.item.shown_path = shown;
    v1::CopyEntry& entry = found.item.entry;
    entry.set_path(path);
    if (S_ISREG(info.st_mode)) {
      found.item.file = Reopen(seen.get(), O_RDONLY);
      if (!found.item.file.valid()) {
        return SystemError(errno, fmt::format("open {}", shown));
      }
      entry.mutable_file()->set_size(static_cast<uint64_t>(info.st_size));
    } else if (S_ISDIR(info.st_mode)) {
      found.folder = Reopen(seen.get(), O_RDONLY | O_DIRECTORY);
      if (!found.folder.valid()) {
        return SystemError(errno, fmt::format("open the folder {}", shown));
      }
      entry.mutable_directory();
    } else if (S_ISLNK(info.st_mode)) {
      TUTTI_ASSIGN_OR_RETURN(std::string target, LinkTarget(seen.get(), shown));
      entry.mutable_symlink()->set_target(std::move(target));
    } else {
      return InvalidArgument(
          "{} is neither file nor folder nor symbolic link, and can not be "
          "copied",
          shown);
    }
    Describe(info, entry);
    TUTTI_RETURN_IF_ERROR(CheckEntry(entry));
    return found;
  }

  void Describe(const struct stat& info, v1::CopyEntry& entry) {
    uint32_t mode = info.st_mode & 07777;
    if (entry.has_symlink()) mode = 0;
    if (entry.has_file() && !options_.preserve_owner) {
      mode &= ~static_cast<uint32_t>(S_ISUID | S_ISGID);
    }
    entry.set_mode(mode);
    entry.mutable_modified_at()->set_seconds(info.st_mtim.tv_sec);
    entry.mutable_modified_at()->set_nanos(
        static_cast<int32_t>(info.st_mtim.tv_nsec));
    if (!options_.preserve_owner) return;
    v1::CopyOwner& owner = *entry.mutable_owner();
    owner.set_user_number(info.st_uid);
    owner.set_user(accounts_.UserName(info.st_uid));
    owner.set_group_number(info.st_gid);
    owner.set_group(accounts_.GroupName(info.st_gid));
  }

  absl::Status VisitContent(const Found& found, const std::string& path,
                            const std::string& shown) {
    if (std::find(above_.begin(), above_.end(), found.identity) !=
        above_.end()) {
      return visitor_.OnProblem(
          shown, InvalidArgument("{} leads back to a folder above it; copy "
                                 "links as links",
                                 shown));
    }
    const absl::StatusOr<std::vector<std::string>> names =
        ListFolder(found.folder.get(), shown);
    if (!names.ok()) return visitor_.OnProblem(shown, names.status());
    above_.push_back(found.identity);
    const absl::Cleanup leave = [this] { above_.pop_back(); };
    for (const std::string& name : *names) {
      TUTTI_RETURN_IF_ERROR(
          Visit(found.folder.get(), name, fmt::format("{}/{}", path, name),
                fmt::format("{}{}{}", shown, shown == "/" ? "" : "/", name)));
    }
    return absl::OkStatus();
  }

  const SourceOptions& options_;
  SourceVisitor& visitor_;
  Accounts accounts_;
  // The folders that it is in.
  std::vector<std::pair<dev_t, ino_t>> above_;
  std::set<std::string> visited_parents_;
};

absl::Status WalkWholePaths(const std::vector<std::string>& sources,
                            Walk& walk) {
  std::vector<std::string> names;
  names.reserve(sources.size());
  for (const std::string& source : sources) {
    TUTTI_ASSIGN_OR_RETURN(std::string name, WholeName(source));
    names.push_back(std::move(name));
  }
  for (size_t i = 0; i < sources.size(); ++i) {
    const std::string_view root = sources[i].starts_with('/') ? "/" : "";
    const std::string here = fmt::format("{}{}", root, names[i]);
    struct stat info = {};
    if (lstat(here.c_str(), &info) == 0) {
      TUTTI_RETURN_IF_ERROR(walk.VisitParents(names[i], root));
    }
    TUTTI_RETURN_IF_ERROR(walk.Visit(AT_FDCWD, here, names[i], here));
  }
  return absl::OkStatus();
}

std::string WithoutTrailingSlashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

absl::StatusOr<std::string> TopName(const std::string& source) {
  std::string name(NameOf(WithoutTrailingSlashes(source)));
  if (name == "." || name == "..") {
    const std::unique_ptr<char, decltype(&std::free)> real(
        realpath(source.c_str(), nullptr), &std::free);
    if (real == nullptr) {
      return SystemError(errno, fmt::format("open {}", source));
    }
    name = NameOf(real.get());
  }
  if (name.empty()) {
    return InvalidArgument(
        "'{}' has no name to be copied under; name what is "
        "in it",
        source);
  }
  return name;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> TopNames(
    const std::vector<std::string>& sources) {
  std::vector<std::string> names;
  names.reserve(sources.size());
  std::map<std::string_view, std::string_view> taken;
  for (const std::string& source : sources) {
    TUTTI_ASSIGN_OR_RETURN(std::string name, TopName(source));
    names.push_back(std::move(name));
  }
  for (size_t i = 0; i < sources.size(); ++i) {
    const auto [there, is_new] = taken.try_emplace(names[i], sources[i]);
    if (!is_new) {
      return InvalidArgument(
          "{} and {} would have the same name in a copy; copy one after the "
          "other, to different folders",
          there->second, sources[i]);
    }
  }
  return names;
}

absl::StatusOr<std::string> WholeName(std::string_view source) {
  std::string name;
  for (std::string_view rest = source; !rest.empty();) {
    const size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view component = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    if (component.empty() || component == ".") continue;
    if (component == "..") {
      return InvalidArgument("'{}' goes up; name it without '..'", source);
    }
    name += fmt::format("{}{}", name.empty() ? "" : "/", component);
  }
  if (name.empty()) {
    return InvalidArgument(
        "'{}' has no name to be copied under; name what is in it", source);
  }
  return name;
}

absl::Status WalkSources(const std::vector<std::string>& sources,
                         const SourceOptions& options, SourceVisitor& visitor) {
  Walk walk(options, visitor);
  if (options.whole_paths) return WalkWholePaths(sources, walk);
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                         TopNames(sources));
  for (size_t i = 0; i < sources.size(); ++i) {
    const std::string path = WithoutTrailingSlashes(sources[i]);
    TUTTI_RETURN_IF_ERROR(walk.Visit(AT_FDCWD, path, names[i], path));
  }
  return absl::OkStatus();
}

}  // namespace tutti::copy
