// Names and numbers of users and groups.
#ifndef COPY_ACCOUNTS_H_
#define COPY_ACCOUNTS_H_

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tutti/v1/copy.pb.h"

namespace tutti::copy {

struct OwnerNumbers {
  uid_t user = 0;
  gid_t group = 0;
};

// Looks up what it has not looked up before: a tree has few owners and many
// files, and the directory service may be far away. Not thread-safe.
class Accounts {
 public:
  // Empty when the number has no name.
  const std::string& UserName(uid_t user);
  const std::string& GroupName(gid_t group);

  // By name, or by number where this host does not know the name.
  OwnerNumbers NumbersOf(const v1::CopyOwner& owner);

 private:
  std::optional<uid_t> UserNumber(const std::string& name);
  std::optional<gid_t> GroupNumber(const std::string& name);

  std::map<uid_t, std::string> user_names_;
  std::map<gid_t, std::string> group_names_;
  std::map<std::string, std::optional<uid_t>> user_numbers_;
  std::map<std::string, std::optional<gid_t>> group_numbers_;
};

}  // namespace tutti::copy

#endif  // COPY_ACCOUNTS_H_
