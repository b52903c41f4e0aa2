#include "query/host/accounts.h"

#include <optional>
#include <string_view>

#include "common/base/status_macros.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

constexpr size_t kPasswdFields = 7;
constexpr size_t kGroupFields = 4;

}  // namespace

absl::StatusOr<std::vector<Account>> AccountsIn(const std::string& path) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content, ReadIfThere(path));
  std::vector<Account> accounts;
  for (const std::string_view line : LinesOf(content)) {
    const std::vector<std::string_view> fields = Split(line, ':');
    if (fields.size() != kPasswdFields) continue;
    const std::optional<int64_t> uid = NumberIn(fields[2]);
    const std::optional<int64_t> gid = NumberIn(fields[3]);
    if (!uid.has_value() || !gid.has_value()) continue;
    Account& account = accounts.emplace_back();
    account.name = fields[0];
    account.uid = *uid;
    account.gid = *gid;
    account.description = fields[4];
    account.directory = fields[5];
    account.shell = fields[6];
  }
  return accounts;
}

absl::StatusOr<std::vector<Group>> GroupsIn(const std::string& path) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content, ReadIfThere(path));
  std::vector<Group> groups;
  for (const std::string_view line : LinesOf(content)) {
    const std::vector<std::string_view> fields = Split(line, ':');
    if (fields.size() != kGroupFields) continue;
    const std::optional<int64_t> gid = NumberIn(fields[2]);
    if (!gid.has_value()) continue;
    Group& group = groups.emplace_back();
    group.name = fields[0];
    group.gid = *gid;
    for (const std::string_view member : Split(fields[3], ',')) {
      if (!member.empty()) group.members.emplace_back(member);
    }
  }
  return groups;
}

}  // namespace tutti::query
