#include "query/host/distant_mounts.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <deque>
#include <utility>

#include "absl/strings/cord.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "query/host/link_target.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

// Of a server that is well but far away, or of a disk that has to wake up, an
// answer comes sooner.
constexpr absl::Duration kPatience = absl::Seconds(3);
// As the kernel has it.
constexpr int kMostLinks = 40;
// Each takes the whole patience.
constexpr size_t kMostSilentPaths = 3;

void Prepend(std::string_view path, std::deque<std::string>& parts) {
  const std::vector<std::string_view> names = Split(path, '/');
  parts.insert(parts.begin(), names.begin(), names.end());
}

std::string Below(const std::string& folder, std::string_view name) {
  return fmt::format("{}/{}", folder == "/" ? "" : folder, name);
}

// Of an answer that never came, so that no other error is taken for it.
constexpr char kSilentUrl[] = "tutti/silent";

absl::Status SilentError(std::string_view text) {
  absl::Status status = Unavailable("{}", text);
  status.SetPayload(kSilentUrl, absl::Cord());
  return status;
}

absl::Status PathDoesNotAnswer(const std::string& path) {
  return SilentError(
      fmt::format("{} does not answer, although its server does; look after "
                  "it, or leave it out",
                  path));
}

// The code, and the bytes or the error's text.
std::string EncodeFound(const absl::StatusOr<std::string>& found) {
  const std::string_view bytes =
      found.ok() ? std::string_view(*found) : TextOf(found.status());
  return static_cast<char>(found.status().code()) +
         std::string(bytes.substr(0, kMostOfPiece - 1));
}

absl::StatusOr<std::string> DecodeFound(std::string_view piece) {
  const auto code = static_cast<absl::StatusCode>(piece[0]);
  std::string bytes(piece.substr(1));
  if (code == absl::StatusCode::kOk) return bytes;
  return absl::Status(code, bytes);
}

// Without what is no name, as the kernel compares it. That `..` may leave what
// a symbolic link leads to is for the server to know.
std::string Normalized(std::string_view path) {
  std::string normal = "/";
  for (const std::string_view name : Split(path, '/')) {
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      normal.resize(std::max<size_t>(normal.rfind('/'), 1));
    } else {
      normal = Below(normal, name);
    }
  }
  return normal;
}

bool IsBelow(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) &&
         (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace

bool IsSilent(const absl::Status& status) {
  return status.GetPayload(kSilentUrl).has_value();
}

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
    if (!parts.empty() && plain_folders_.contains(next)) {
      here = next;
      continue;
    }
    if (const Mount* mount = At(next)) {
      std::string whole = next;
      for (const std::string& part : parts) whole = Below(whole, part);
      return PlaceOf(*mount, Normalized(whole));
    }
    const std::optional<std::string> target = LinkTarget(next);
    if (!target.has_value()) {
      if (!parts.empty()) plain_folders_.insert(next);
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
  return SilentError(fmt::format(
      "the server of {}{} does not answer; look after it, or "
      "leave out what is there",
      place,
      mount == nullptr ? std::string()
                       : fmt::format(" ({} {})", mount->type, mount->device)));
}

bool DistantMounts::Answers(const std::string& place) const {
  // What the kernel remembers of a file is no answer; this always asks.
  const ApartResult result = RunApart(
      [&](const Take& give) {
        struct statvfs state = {};
        statvfs(place.c_str(), &state);
        return give("");
      },
      [](std::string_view /*nothing*/) { return absl::OkStatus(); }, patience_);
  return result.end == ApartEnd::kDone;
}

absl::Status DistantMounts::Silence(const std::string& place,
                                    const std::string& path) {
  std::set<std::string>& paths = silent_paths_[place];
  paths.insert(path);
  if (path == place || paths.size() >= kMostSilentPaths || !Answers(place)) {
    silent_paths_.erase(place);
    silent_.insert(place);
    return DoesNotAnswer(place);
  }
  return PathDoesNotAnswer(path);
}

std::optional<absl::Status> DistantMounts::Refusal(
    const std::string& place, const std::string& path) const {
  if (!failure_.ok()) return failure_;
  if (silent_.contains(place)) return DoesNotAnswer(place);
  const auto paths = silent_paths_.find(place);
  if (paths == silent_paths_.end() || !paths->second.contains(path)) {
    return std::nullopt;
  }
  return PathDoesNotAnswer(path);
}

absl::Status DistantMounts::Judge(const std::string& place,
                                  const std::string& path,
                                  const ApartResult& result) {
  switch (result.end) {
    case ApartEnd::kDone:
      break;
    case ApartEnd::kSilent:
      return Silence(place, path);
    case ApartEnd::kFailed:
      failure_ =
          WithPrefix(fmt::format("cannot look at {}", path), result.status);
      return failure_;
  }
  return result.status;
}

absl::Status DistantMounts::Reach(const std::string& path, const Work& work,
                                  const Take& take) {
  const std::optional<std::string> place = Of(path);
  if (!place.has_value()) return work(take);
  if (const auto refusal = Refusal(*place, path)) return *refusal;
  return Judge(*place, path, RunApart(work, take, patience_));
}

void DistantMounts::ReachEachIn(const std::string& place,
                                const std::vector<std::string>& paths,
                                size_t begin, size_t end, const Look& look,
                                const TakeFound& take) {
  // Anew behind each path that does not answer.
  for (size_t next = begin; next < end;) {
    std::optional<absl::Status> error = Refusal(place, paths[next]);
    if (!error.has_value()) {
      const ApartResult result = RunApart(
          [&](const Take& give) {
            for (size_t i = next; i < end; ++i) {
              if (Refusal(place, paths[i]).has_value()) break;
              TUTTI_RETURN_IF_ERROR(give(EncodeFound(look(paths[i]))));
            }
            return absl::OkStatus();
          },
          [&](std::string_view piece) {
            take(next++, DecodeFound(piece));
            return absl::OkStatus();
          },
          patience_);
      if (result.end == ApartEnd::kDone && result.status.ok()) continue;
      error = Judge(place, paths[next], result);
    }
    take(next++, *error);
  }
}

void DistantMounts::ReachEach(const std::vector<std::string>& paths,
                              const Look& look, const TakeFound& take) {
  for (size_t begin = 0, end = 0; begin < paths.size(); begin = end) {
    const std::optional<std::string> place = Of(paths[begin]);
    end = begin + 1;
    if (!place.has_value()) {
      take(begin, look(paths[begin]));
      continue;
    }
    while (end < paths.size() && Of(paths[end]) == place) ++end;
    ReachEachIn(*place, paths, begin, end, look, take);
  }
}

std::vector<std::string> DistantMounts::Silent() const {
  std::vector<std::string> lines;
  for (const std::string& place : silent_) {
    lines.emplace_back(TextOf(DoesNotAnswer(place)));
  }
  for (const auto& [place, paths] : silent_paths_) {
    for (const std::string& path : paths) {
      lines.emplace_back(TextOf(PathDoesNotAnswer(path)));
    }
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

void ReachEach(const std::vector<std::string>& paths, const Look& look,
               const TakeFound& take) {
  DistantMountsOfThisHost().ReachEach(paths, look, take);
}

absl::StatusOr<std::string> ReachOne(const std::string& path,
                                     const Look& look) {
  absl::StatusOr<std::string> result;
  ReachEach({path}, look,
            [&](size_t /*index*/, const absl::StatusOr<std::string>& found) {
              result = found;
            });
  return result;
}

}  // namespace tutti::query
