#include "controller/cli/follow/named_cursor.h"

#include <algorithm>
#include <cstdlib>

#include "common/base/ascii.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/lock_file.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "controller/cli/output.h"

namespace tutti::cli {
namespace {

constexpr size_t kLongestName = 64;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

absl::StatusOr<std::string> CursorDirectory(const std::string& fleet) {
  std::string folder = Environment("XDG_STATE_HOME");
  if (folder.empty()) {
    const std::string home = Environment("HOME");
    if (home.empty()) {
      return NotFound(
          "--cursor: neither XDG_STATE_HOME nor HOME is set; set one of them "
          "to a folder in which the cursor can be kept");
    }
    folder = home + "/.local/state";
  }
  return folder + "/tutti/cursors/" + fleet;
}

absl::StatusOr<std::string> UuidOf(const v1::Job& job) {
  TUTTI_ASSIGN_OR_RETURN(const Uuid uuid, Uuid::FromBytes(job.uuid()));
  return uuid.ToString();
}

}  // namespace

absl::Status CheckCursorName(std::string_view name) {
  const bool is_good =
      !name.empty() && name.size() <= kLongestName && name.front() != '.' &&
      std::all_of(name.begin(), name.end(), [](char c) {
        return IsDigit(c) || IsLetter(c) || c == '-' || c == '_' || c == '.';
      });
  if (is_good) return absl::OkStatus();
  return InvalidArgument(
      "'{}' can not be a cursor's name; use letters, digits, '-', '_' and '.' "
      "(not first), at most {}",
      name, kLongestName);
}

absl::StatusOr<NamedCursor> NamedCursor::Open(const std::string& fleet,
                                              const std::string& name) {
  TUTTI_ASSIGN_OR_RETURN(const std::string directory, CursorDirectory(fleet));
  TUTTI_RETURN_IF_ERROR(MakeDirectories(directory, 0700));
  // Beside the cursor, which is replaced by a new file each time.
  auto lock = LockFile(directory + "/." + name + ".lock", "tutti");
  if (absl::IsFailedPrecondition(lock.status())) {
    return FailedPrecondition(
        "--cursor: another `tutti job receive` reads with '{}' now; wait for "
        "its end, or use another name",
        name);
  }
  TUTTI_RETURN_IF_ERROR(lock.status());
  NamedCursor cursor(directory + "/" + name, *std::move(lock));
  TUTTI_RETURN_IF_ERROR(cursor.Load());
  return cursor;
}

absl::Status NamedCursor::Load() {
  const auto text = ReadFile(path_);
  if (absl::IsNotFound(text.status())) return absl::OkStatus();
  TUTTI_RETURN_IF_ERROR(text.status());
  try {
    const Json json = Json::parse(*text);
    job_uuid_ = json.at("job").get<std::string>();
    for (const Json& task : json.at("tasks")) {
      v1::TaskCursor& place = places_.emplace_back();
      place.set_task(task.at("task").get<uint32_t>());
      place.set_attempt(task.at("attempt").get<uint32_t>());
      place.set_position(task.at("position").get<uint64_t>());
    }
  } catch (const Json::exception&) {
    return DataLoss(
        "{} is no cursor; remove it, and everything is given once more", path_);
  }
  return absl::OkStatus();
}

std::vector<v1::TaskCursor> NamedCursor::PlacesIn(
    const v1::GetJobResponse& job) const {
  const auto uuid = UuidOf(job.job());
  if (!uuid.ok() || *uuid != job_uuid_) return {};
  std::vector<v1::TaskCursor> places;
  for (const v1::TaskCursor& place : places_) {
    if (place.task() >= static_cast<uint32_t>(job.tasks_size())) continue;
    const v1::TaskStatus& task = job.tasks(static_cast<int>(place.task()));
    if (task.attempt_number() == place.attempt()) places.push_back(place);
  }
  return places;
}

absl::Status NamedCursor::Store(const FollowedJob& job) const {
  TUTTI_ASSIGN_OR_RETURN(const std::string uuid, UuidOf(job.job()));
  Json tasks = Json::array();
  for (const v1::TaskCursor& place : job.Places()) {
    tasks.push_back({{"task", place.task()},
                     {"attempt", place.attempt()},
                     {"position", place.position()}});
  }
  const Json json = Versioned({{"job", uuid}, {"tasks", std::move(tasks)}});
  return WriteFileAtomically(path_, ToLine(json) + "\n", 0600);
}

}  // namespace tutti::cli
