// `--events`: what becomes of the targets, beside what they say.
#ifndef CONTROLLER_CLI_FOLLOW_EVENTS_VIEW_H_
#define CONTROLLER_CLI_FOLLOW_EVENTS_VIEW_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "controller/cli/follow/passing_view.h"

namespace tutti::cli {

// Writes a line to standard error for each change of a target's state:
//   web01: tutti: FAILED (exit 3)
class EventsView final : public PassingView {
 public:
  EventsView(std::unique_ptr<OutputView> view, const FollowedJob& job,
             Sinks sinks, bool color);

  void OnStatus(size_t task) override;

 private:
  // What was told of a task last.
  struct Told {
    v1::TaskState state = v1::TASK_STATE_UNSPECIFIED;
    uint32_t attempt = 0;
    friend bool operator==(const Told&, const Told&) = default;
  };
  const FollowedJob& job_;
  const Sinks sinks_;
  const bool color_;
  std::vector<Told> told_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_EVENTS_VIEW_H_
