#include "agent/runner/processes/user_directory.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace tutti::runner {
namespace {

constexpr absl::Duration kRememberedFor = absl::Seconds(30);
constexpr size_t kMaxRemembered = 256;
constexpr size_t kBufferBytes = 64 << 10;

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

}  // namespace

absl::StatusOr<User> UserDirectory::Find(const std::string& name,
                                         const std::string& group,
                                         absl::Time now) {
  const auto remembered = remembered_.find({name, group});
  if (remembered != remembered_.end() && now < remembered->second.until) {
    return remembered->second.user;
  }
  std::vector<char> buffer(kBufferBytes);
  passwd entry;
  passwd* found = nullptr;
  const int error =
      getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr && error != 0) {
    return SystemError(error, fmt::format("look up the user '{}'", name));
  }
  if (found == nullptr) return NotFound("no user '{}' on this host", name);
  User user = FromPasswd(entry);
  if (!group.empty()) {
    TUTTI_ASSIGN_OR_RETURN(user.gid, FindGroup(group));
  }
  AddGroups(user);
  if (remembered_.size() >= kMaxRemembered) remembered_.clear();
  remembered_[{name, group}] = {user, now + kRememberedFor};
  return user;
}

absl::StatusOr<User> UserDirectory::Self(absl::Time now) {
  Remembered& self = remembered_[{"", ""}];
  if (now < self.until) return self.user;
  std::vector<char> buffer(kBufferBytes);
  passwd entry;
  passwd* found = nullptr;
  getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) {
    return NotFound(
        "user number {}, as which the runner runs, has no name on this host",
        geteuid());
  }
  self.user = FromPasswd(entry);
  AddGroups(self.user);
  self.until = now + kRememberedFor;
  return self.user;
}

}  // namespace tutti::runner
