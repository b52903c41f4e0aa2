// Users of the host.
#ifndef AGENT_RUNNER_PROCESSES_USER_DIRECTORY_H_
#define AGENT_RUNNER_PROCESSES_USER_DIRECTORY_H_

#include <sys/types.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tutti::runner {

struct User {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  // All groups, `gid` included.
  std::vector<gid_t> groups;
  std::string home;
  std::string shell;
};

// Looks users up by name, over the host's name service, and remembers what it
// found for a while: a directory server may be slow. Not thread-safe.
class UserDirectory {
 public:
  // `group` empty: the user's own. NOT_FOUND says which of the two is unknown.
  absl::StatusOr<User> Find(const std::string& name, const std::string& group,
                            absl::Time now);
  // Who this process runs as.
  absl::StatusOr<User> Self(absl::Time now);

 private:
  struct Remembered {
    User user;
    absl::Time until = absl::InfinitePast();
  };
  // By user and group; the one without a name is this process's own.
  std::map<std::pair<std::string, std::string>, Remembered> remembered_;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_USER_DIRECTORY_H_
