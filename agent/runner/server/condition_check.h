// The question that comes before a start.
#ifndef AGENT_RUNNER_SERVER_CONDITION_CHECK_H_
#define AGENT_RUNNER_SERVER_CONDITION_CHECK_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "agent/runner/core/process_end.h"
#include "agent/runner/processes/event_loop.h"
#include "agent/runner/processes/launch.h"
#include "agent/runner/processes/process_launcher.h"
#include "common/base/file_descriptor.h"

namespace tutti::runner {

// Turns the plan of a query's process into that of one which says by its exit
// status whether the query has a row.
void MakeQuestion(Launch& query);

// Runs the query of JobSpec.condition in a process of its own, which ends
// itself after kLongestCondition. One thread only, the loop's.
class ConditionCheck {
 public:
  // Once, from the loop. May not destroy the check.
  using OnAnswer = absl::AnyInvocable<void(const ConditionAnswer&)>;

  // `loop` must outlive it.
  ConditionCheck(EventLoop& loop, OnAnswer on_answer)
      : loop_(loop), on_answer_(std::move(on_answer)) {}
  ~ConditionCheck();
  ConditionCheck(const ConditionCheck&) = delete;
  ConditionCheck& operator=(const ConditionCheck&) = delete;

  // Once; `question` is MakeQuestion's.
  void Start(ProcessLauncher& launcher, std::unique_ptr<Launch> question);
  // Nobody needs the answer any more; there is none.
  void Stop();
  // Nothing is called back any more. It may take the program's start to get
  // there.
  bool done() const { return done_; }

 private:
  void OnStarted(ProcessLauncher::Started started);
  void OnMainEnded(const MainEnd& end, bool others_left);
  // Of what the query complains about.
  void ReadError();
  // What is left of it dies, or hangs, by itself.
  void Leave();
  void Answer(const ConditionAnswer& answer);

  EventLoop& loop_;
  OnAnswer on_answer_;
  std::unique_ptr<ProcessTree> tree_;
  FileDescriptor error_;
  EventLoop::Watch watch_ = 0;
  std::string said_;
  bool stopped_ = false;
  bool done_ = false;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_SERVER_CONDITION_CHECK_H_
