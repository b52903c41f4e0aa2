// What ties agents to tasks and sessions.
#ifndef CONTROLLER_CORE_AGENT_LINKS_H_
#define CONTROLLER_CORE_AGENT_LINKS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "controller/core/core.h"
#include "controller/jobs/job.h"

namespace tutti::controller {

// One agent, connected or not. References may be of jobs that are gone.
struct AgentLink {
  std::string name;
  // 0 when it is offline.
  SessionId session = 0;
  // Nothing is sent to it before the welcome.
  bool welcomed = false;
  // Assigned to it; leaves when its outcome is in the journal.
  std::vector<TaskReference> live;
  // PENDING for it.
  std::vector<TaskReference> pending;
  // Directives that are due, each task once.
  std::vector<TaskReference> directives;
  // When what is queued in `directives` goes out.
  absl::Time flush_at = absl::InfiniteFuture();
  // Bytes of output that came over the session since the last directives.
  uint64_t unacknowledged = 0;
  // Fetches that it was asked for and has not answered.
  std::vector<uint64_t> fetches;
};

// Takes one element out of an unordered vector.
template <typename T>
void EraseUnordered(std::vector<T>& from, const T& value) {
  for (T& element : from) {
    if (element != value) continue;
    element = from.back();
    from.pop_back();
    return;
  }
}

// All agents that have a session or tasks. Links stay where they are. Not
// thread-safe.
class AgentLinks {
 public:
  // Made when there is none.
  AgentLink& Get(std::string_view name);
  // Null when there is none.
  AgentLink* Find(std::string_view name);
  AgentLink* FindSession(SessionId session);

  void Attach(AgentLink& link, SessionId session);
  void Detach(AgentLink& link);
  // Frees a link that nothing needs any more.
  void DropIfIdle(std::string_view name);

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view name) const {
      return std::hash<std::string_view>()(name);
    }
  };
  absl::flat_hash_map<std::string, std::unique_ptr<AgentLink>, Hash,
                      std::equal_to<>>
      by_name_;
  absl::flat_hash_map<SessionId, AgentLink*> by_session_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_AGENT_LINKS_H_
