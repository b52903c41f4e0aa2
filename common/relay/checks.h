// What the controller asks before it starts anything.
#ifndef COMMON_RELAY_CHECKS_H_
#define COMMON_RELAY_CHECKS_H_

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/relay/ports.h"
#include "tutti/v1/agents.pb.h"
#include "tutti/v1/task.pb.h"

namespace tutti::relay {

// Carries assignments that are check_only to the runner and its verdicts back.
// They belong to a session: the controller asks again in the next one. No
// attempt knows of them. Not thread-safe.
class Checks {
 public:
  // `runner` must outlive it.
  explicit Checks(RunnerPort& runner) : runner_(runner) {}

  // `ready`: the runner is there. Otherwise AskAgain follows when it is.
  void Ask(std::unique_ptr<v1::AssignTask> question, bool ready);
  // The runner may not have heard what has no verdict yet.
  void AskAgain();
  // The attempt is to start: nobody waits for a verdict any more.
  void Drop(const v1::AttemptKey& key);
  // Ignored unless it was asked for.
  void OnVerdict(v1::AttemptVerdict verdict);
  void OnSessionClosed();

  bool has_verdicts() const { return !verdicts_.empty(); }
  void TakeVerdicts(v1::AgentReport& report);

 private:
  RunnerPort& runner_;
  // By KeyBytes.
  std::unordered_map<std::string, std::unique_ptr<v1::AssignTask>> questions_;
  std::vector<v1::AttemptVerdict> verdicts_;
};

}  // namespace tutti::relay

#endif  // COMMON_RELAY_CHECKS_H_
