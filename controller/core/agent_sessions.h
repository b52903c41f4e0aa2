// What agents say.
#ifndef CONTROLLER_CORE_AGENT_SESSIONS_H_
#define CONTROLLER_CORE_AGENT_SESSIONS_H_

#include <cstdint>
#include <optional>
#include <utility>

#include "controller/core/content_feeds.h"
#include "controller/core/core_state.h"
#include "controller/core/directives.h"
#include "controller/core/dispatcher.h"
#include "controller/core/inputs.h"
#include "controller/core/journal_queue.h"
#include "controller/core/task_rules.h"
#include "controller/core/watches.h"

namespace tutti::controller {

// Agents report what is and are told what should be. The first connect of an
// agent, its return after a cut and its return after either side was started
// again are one: a hello. Messages of a session that is not the agent's
// current one are dropped. Not thread-safe.
class AgentSessions {
 public:
  AgentSessions(CoreState& state, JournalQueue& journal, Watches& watches,
                TaskRules& tasks, Directives& directives,
                Dispatcher& dispatcher, Inputs& inputs, ContentFeeds& feeds)
      : state_(state),
        journal_(journal),
        watches_(watches),
        tasks_(tasks),
        directives_(directives),
        dispatcher_(dispatcher),
        inputs_(inputs),
        feeds_(feeds) {}
  AgentSessions(const AgentSessions&) = delete;
  AgentSessions& operator=(const AgentSessions&) = delete;

  void OnHello(SessionId session, const Core::AgentPeer& peer,
               const v1::AgentHello& hello);
  void OnReport(SessionId session, v1::AgentReport report);
  void OnOutput(SessionId session, v1::SendOutputRequest request);
  void OnClosed(SessionId session);
  // An outcome is in the journal: its target may forget the attempt.
  void OnDurable(const TaskReference& task);
  // Takes an agent out: what waits for it expires, what it has is unknown.
  void OnRemoved(std::string_view agent);

 private:
  struct Found {
    Job* job = nullptr;
    uint32_t task = 0;
  };

  // The task that an agent calls so, in whatever attempt; empty when it is not
  // known or not the agent's.
  std::optional<Found> FindTask(const AgentLink& link,
                                const v1::AttemptKey& key);
  // The same in the attempt that it is in.
  std::optional<Found> Find(const AgentLink& link, const v1::AttemptKey& key);
  // An attempt that the controller does not know, or that another one has
  // followed: what came of that is kept. What should become of it.
  v1::AttemptDirective AnswerStray(const AgentLink& link,
                                   const v1::AttemptReport& report);
  void CorrectEarlier(const Found& found, EarlierAttempt& earlier,
                      const v1::AttemptStatus& status);
  // False when the session had to be ended.
  bool TakeReport(AgentLink& link, const Found& found,
                  v1::AttemptReport& report);
  // Stores output; says how many bytes were new. Empty when the session had
  // to be ended because output is missing.
  template <typename Chunks>
  std::optional<size_t> TakeOutput(AgentLink& link, const Found& found,
                                   Chunks& chunks);
  void SendWelcome(AgentLink& link, const v1::AgentHello& hello);
  // What was assigned to the agent and what it does not know of.
  void SendAgain(AgentLink& link, const v1::AgentHello& hello);
  void SetOnline(AgentLink& link, bool online);
  // Whether the agent would start a task.
  void TakeVerdict(const AgentLink& link, const v1::AttemptVerdict& verdict);
  void Close(AgentLink& link);

  CoreState& state_;
  JournalQueue& journal_;
  Watches& watches_;
  TaskRules& tasks_;
  Directives& directives_;
  Dispatcher& dispatcher_;
  Inputs& inputs_;
  ContentFeeds& feeds_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_AGENT_SESSIONS_H_
