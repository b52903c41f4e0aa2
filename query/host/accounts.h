// Accounts and groups of a host's files.
#ifndef QUERY_HOST_ACCOUNTS_H_
#define QUERY_HOST_ACCOUNTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace tutti::query {

struct Account {
  std::string name;
  int64_t uid = 0;
  int64_t gid = 0;
  std::string description;
  std::string directory;
  std::string shell;
};

struct Group {
  std::string name;
  int64_t gid = 0;
  // Names of accounts, but for those whose primary group it is.
  std::vector<std::string> members;
};

// Of a file as passwd(5) has it, in its order. Lines that are no account are
// left out; no file, no accounts.
absl::StatusOr<std::vector<Account>> AccountsIn(const std::string& path);

// The same for group(5).
absl::StatusOr<std::vector<Group>> GroupsIn(const std::string& path);

}  // namespace tutti::query

#endif  // QUERY_HOST_ACCOUNTS_H_
