// Users of the host.
#ifndef AGENT_RUNNER_PROCESSES_USER_DIRECTORY_H_
#define AGENT_RUNNER_PROCESSES_USER_DIRECTORY_H_

#include <sys/types.h>

#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/runner/processes/event_loop.h"
#include "agent/runner/processes/starter_threads.h"

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

// Which user is wanted.
struct UserQuery {
  // Empty: who this process runs as.
  std::string name;
  // Empty: the user's own.
  std::string group;

  auto operator<=>(const UserQuery&) const = default;
};

// Asks the host's name service, which waits for a directory server that is
// slow. NOT_FOUND says which of user and group is unknown. Thread-safe.
absl::StatusOr<User> LookUpUser(const UserQuery& query);

// Looks users up on two threads of its own, so that one whom a server is slow
// to find holds up nobody else (two of them do hold up those who are not
// remembered), and remembers for a while whom it found. Methods are for the
// loop's thread.
class UserDirectory {
 public:
  using LookUp = std::function<absl::StatusOr<User>(const UserQuery&)>;
  // Must not block, nor destroy the directory.
  using Found = absl::AnyInvocable<void(const absl::StatusOr<User>&)>;

  // `loop` must outlive it.
  static absl::StatusOr<std::unique_ptr<UserDirectory>> Create(
      EventLoop& loop, LookUp look_up = LookUpUser);

  // Calls back at once with a user that is remembered, otherwise from the
  // loop. Whoever asks for the same meanwhile gets the same answer.
  void Find(const UserQuery& query, absl::Time now, Found found);
  // No lookup is under way.
  bool idle() const { return waiting_.empty(); }

 private:
  struct Remembered {
    User user;
    absl::Time until;
  };
  struct UnderWay;

  UserDirectory(LookUp look_up, std::unique_ptr<StarterThreads> threads)
      : look_up_(std::move(look_up)), threads_(std::move(threads)) {}
  void Tell(const UnderWay& lookup);

  const LookUp look_up_;
  std::map<UserQuery, Remembered> remembered_;
  // Who waits for a lookup that is under way.
  std::map<UserQuery, std::vector<Found>> waiting_;
  // Last, so that the threads end first.
  const std::unique_ptr<StarterThreads> threads_;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_USER_DIRECTORY_H_
