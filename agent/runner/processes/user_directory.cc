#include "agent/runner/processes/user_directory.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace tutti::runner {
namespace {

constexpr absl::Duration kRememberedFor = absl::Seconds(30);
constexpr size_t kMaxRemembered = 256;
constexpr size_t kBufferBytes = 64 << 10;
constexpr int kThreads = 2;

User FromPasswd(const passwd& entry) {
  User user;
  user.name = entry.pw_name;
  user.uid = entry.pw_uid;
  user.gid = entry.pw_gid;
  user.home = entry.pw_dir;
  user.shell = *entry.pw_shell != '\0' ? entry.pw_shell : "/bin/sh";
  return user;
}

void AddGroups(User& user) {
  int count = 64;
  user.groups.resize(static_cast<size_t>(count));
  while (getgrouplist(user.name.c_str(), user.gid, user.groups.data(), &count) <
         0) {
    user.groups.resize(static_cast<size_t>(count));
  }
  user.groups.resize(static_cast<size_t>(count));
}

absl::StatusOr<gid_t> FindGroup(const std::string& name) {
  std::vector<char> buffer(kBufferBytes);
  group entry;
  group* found = nullptr;
  const int error =
      getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return entry.gr_gid;
  if (error != 0) {
    return SystemError(error, fmt::format("look up the group '{}'", name));
  }
  return NotFound("no group '{}' on this host", name);
}

absl::StatusOr<User> FindUser(const std::string& name) {
  std::vector<char> buffer(kBufferBytes);
  passwd entry;
  passwd* found = nullptr;
  const int error =
      getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return FromPasswd(entry);
  if (error != 0) {
    return SystemError(error, fmt::format("look up the user '{}'", name));
  }
  return NotFound("no user '{}' on this host", name);
}

absl::StatusOr<User> FindSelf() {
  std::vector<char> buffer(kBufferBytes);
  passwd entry;
  passwd* found = nullptr;
  getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return FromPasswd(entry);
  return NotFound(
      "user number {}, as which the runner runs, has no name on this host",
      geteuid());
}

}  // namespace

absl::StatusOr<User> LookUpUser(const UserQuery& query) {
  TUTTI_ASSIGN_OR_RETURN(
      User user, query.name.empty() ? FindSelf() : FindUser(query.name));
  if (!query.group.empty()) {
    TUTTI_ASSIGN_OR_RETURN(user.gid, FindGroup(query.group));
  }
  AddGroups(user);
  return user;
}

// Shared by the thread that looks up and the loop in turns.
struct UserDirectory::UnderWay {
  UserQuery query;
  absl::Time begun;
  absl::StatusOr<User> user;
};

absl::StatusOr<std::unique_ptr<UserDirectory>> UserDirectory::Create(
    EventLoop& loop, LookUp look_up) {
  TUTTI_ASSIGN_OR_RETURN(std::unique_ptr<StarterThreads> threads,
                         StarterThreads::Create(loop, kThreads));
  return std::unique_ptr<UserDirectory>(
      new UserDirectory(std::move(look_up), std::move(threads)));
}

void UserDirectory::Find(const UserQuery& query, absl::Time now, Found found) {
  const auto remembered = remembered_.find(query);
  if (remembered != remembered_.end() && now < remembered->second.until) {
    return found(remembered->second.user);
  }
  const auto [waiting, first] = waiting_.try_emplace(query);
  waiting->second.push_back(std::move(found));
  if (!first) return;
  auto lookup = std::make_shared<UnderWay>();
  lookup->query = query;
  lookup->begun = now;
  threads_->Run([this, lookup] { lookup->user = look_up_(lookup->query); },
                [this, lookup] { Tell(*lookup); });
}

void UserDirectory::Tell(const UnderWay& lookup) {
  if (lookup.user.ok()) {
    if (remembered_.size() >= kMaxRemembered) remembered_.clear();
    remembered_[lookup.query] = {*lookup.user, lookup.begun + kRememberedFor};
  }
  auto waiting = waiting_.extract(lookup.query);
  for (Found& found : waiting.mapped()) found(lookup.user);
}

}  // namespace tutti::runner
