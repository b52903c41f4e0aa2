#include "query/host/distant_mounts.h"

#include <algorithm>
#include <array>
#include <deque>
#include <utility>

#include "common/base/errors.h"
#include "common/base/files.h"
#include "query/host/link_target.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

// Of a server that is well but far away, or of a disk that has to wake up, an
// answer comes sooner.
constexpr absl::Duration kPatience = absl::Seconds(3);
// As the kernel has it.
constexpr int kMostLinks = 40;

void Prepend(std::string_view path, std::deque<std::string>& parts) {
  const std::vector<std::string_view> names = Split(path, '/');
  parts.insert(parts.begin(), names.begin(), names.end());
}

std::string Below(const std::string& folder, std::string_view name) {
  return fmt::format("{}/{}", folder == "/" ? "" : folder, name);
}

bool IsBelow(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) &&
         (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace

bool IsDistant(std::string_view type) {
  constexpr std::array<std::string_view, 17> kTypes = {
      "9p",   "afs",  "autofs", "beegfs", "ceph",   "cifs",
      "coda", "fuse", "gfs2",   "gpfs",   "lustre", "ncpfs",
      "nfs",  "nfs4", "ocfs2",  "smb3",   "smbfs"};
  return type.starts_with("fuse.") ||
         std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

DistantMounts::DistantMounts(const std::vector<Mount>& mounts,
                             absl::Duration patience)
    : patience_(patience) {
  for (const Mount& mount : mounts) {
    // What is mounted over another one hides it. A host whose root does not
    // answer could not even have started this program.
    std::erase_if(mounts_,
                  [&](const Mount& one) { return one.path == mount.path; });
    if (IsDistant(mount.type) && mount.path != "/") mounts_.push_back(mount);
  }
}

const Mount* DistantMounts::At(const std::string& path) const {
  const auto found =
      std::find_if(mounts_.begin(), mounts_.end(),
                   [&](const Mount& mount) { return mount.path == path; });
  return found == mounts_.end() ? nullptr : &*found;
}

std::optional<std::string> DistantMounts::Of(const std::string& path) const {
  if (mounts_.empty() || !path.starts_with('/')) return std::nullopt;
  std::string here = "/";
  std::deque<std::string> parts;
  Prepend(path, parts);
  for (int links = 0; !parts.empty() && links <= kMostLinks;) {
    const std::string name = std::move(parts.front());
    parts.pop_front();
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      here.resize(std::max<size_t>(here.rfind('/'), 1));
      continue;
    }
    const std::string next = Below(here, name);
    if (const Mount* mount = At(next)) {
      std::string whole = next;
      for (const std::string& part : parts) whole = Below(whole, part);
      return PlaceOf(*mount, whole);
    }
    const std::optional<std::string> target = LinkTarget(next);
    if (!target.has_value()) {
      here = next;
      continue;
    }
    ++links;
    if (target->starts_with('/')) here = "/";
    Prepend(*target, parts);
  }
  return std::nullopt;
}

std::string DistantMounts::PlaceOf(const Mount& mount,
                                   const std::string& path) const {
  const Mount* deepest = &mount;
  for (const Mount& one : mounts_) {
    if (one.path.size() > deepest->path.size() && IsBelow(path, one.path)) {
      deepest = &one;
    }
  }
  if (deepest->type != "autofs") return deepest->path;
  // Each name in it is another mount.
  return path.substr(0, path.find('/', deepest->path.size() + 1));
}

absl::Status DistantMounts::DoesNotAnswer(const std::string& place) const {
  const Mount* mount = At(place);
  return Unavailable(
      "the server of {}{} does not answer; look after it, or "
      "leave out what is there",
      place,
      mount == nullptr ? std::string()
                       : fmt::format(" ({} {})", mount->type, mount->device));
}

absl::Status DistantMounts::Reach(const std::string& path, const Work& work,
                                  const Take& take) {
  const std::optional<std::string> place = Of(path);
  if (!place.has_value()) return work(take);
  if (silent_.contains(*place)) return DoesNotAnswer(*place);
  absl::Status status = RunApart(work, take, patience_);
  if (!absl::IsDeadlineExceeded(status)) return status;
  silent_.insert(*place);
  return DoesNotAnswer(*place);
}

std::vector<std::string> DistantMounts::Silent() const {
  std::vector<std::string> lines;
  for (const std::string& place : silent_) {
    lines.emplace_back(TextOf(DoesNotAnswer(place)));
  }
  return lines;
}

DistantMounts& DistantMountsOfThisHost() {
  // Without the list nothing is known to be distant.
  static DistantMounts mounts(
      ParseMounts(ReadFile("/proc/self/mounts").value_or("")), kPatience);
  return mounts;
}

absl::Status Reach(const std::string& path, const Work& work,
                   const Take& take) {
  return DistantMountsOfThisHost().Reach(path, work, take);
}

absl::StatusOr<std::string> ReachOne(
    const std::string& path,
    const std::function<absl::StatusOr<std::string>()>& look) {
  std::string all;
  const absl::Status status = Reach(
      path,
      [&](const Take& give) {
        const absl::StatusOr<std::string> bytes = look();
        return bytes.ok() ? give(*bytes) : bytes.status();
      },
      [&](std::string_view bytes) {
        all += bytes;
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return all;
}

}  // namespace tutti::query
