#include "copy/accounts.h"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <vector>

namespace tutti::copy {
namespace {

// Calls one of getpwnam_r(3)'s family with a buffer that is large enough.
template <typename Entry, typename Function, typename Key>
std::optional<Entry> LookUp(Function function, Key key,
                            std::vector<char>& buffer) {
  for (buffer.resize(4096);; buffer.resize(buffer.size() * 2)) {
    Entry entry = {};
    Entry* found = nullptr;
    const int error =
        function(key, &entry, buffer.data(), buffer.size(), &found);
    if (error == ERANGE) continue;
    if (found == nullptr) return std::nullopt;
    return entry;
  }
}

}  // namespace

const std::string& Accounts::UserName(uid_t user) {
  const auto [there, is_new] = user_names_.try_emplace(user);
  if (is_new) {
    std::vector<char> buffer;
    const auto entry = LookUp<passwd>(getpwuid_r, user, buffer);
    if (entry.has_value()) there->second = entry->pw_name;
  }
  return there->second;
}

const std::string& Accounts::GroupName(gid_t group) {
  const auto [there, is_new] = group_names_.try_emplace(group);
  if (is_new) {
    std::vector<char> buffer;
    const auto entry = LookUp<struct group>(getgrgid_r, group, buffer);
    if (entry.has_value()) there->second = entry->gr_name;
  }
  return there->second;
}

std::optional<uid_t> Accounts::UserNumber(const std::string& name) {
  const auto [there, is_new] = user_numbers_.try_emplace(name);
  if (is_new && !name.empty()) {
    std::vector<char> buffer;
    const auto entry = LookUp<passwd>(getpwnam_r, name.c_str(), buffer);
    if (entry.has_value()) there->second = entry->pw_uid;
  }
  return there->second;
}

std::optional<gid_t> Accounts::GroupNumber(const std::string& name) {
  const auto [there, is_new] = group_numbers_.try_emplace(name);
  if (is_new && !name.empty()) {
    std::vector<char> buffer;
    const auto entry = LookUp<struct group>(getgrnam_r, name.c_str(), buffer);
    if (entry.has_value()) there->second = entry->gr_gid;
  }
  return there->second;
}

OwnerNumbers Accounts::NumbersOf(const v1::CopyOwner& owner) {
  return {UserNumber(owner.user()).value_or(owner.user_number()),
          GroupNumber(owner.group()).value_or(owner.group_number())};
}

}  // namespace tutti::copy
