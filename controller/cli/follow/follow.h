// Following a job the way every verb does it: show its output, name who did
// not complete, end with the status that says so.
#ifndef CONTROLLER_CLI_FOLLOW_FOLLOW_H_
#define CONTROLLER_CLI_FOLLOW_FOLLOW_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "controller/cli/command.h"
#include "controller/cli/connection.h"
#include "controller/cli/follow/chosen_output_view.h"
#include "controller/cli/follow/follower.h"
#include "controller/cli/follow/outcome.h"
#include "controller/cli/follow/rows_series.h"
#include "controller/cli/follow/side_message.h"

namespace tutti::cli {

// How output is shown.
struct ShowOptions {
  // Nothing is; the end alone is waited for.
  bool silent = false;
  // As another terminal shows it.
  bool terminal = false;
  // -b; on a terminal also without it where there are many targets.
  bool gather = false;
  bool no_prefix = false;
  // Control sequences go to a terminal as they are.
  bool raw = false;
  OutputChoice choice;
  // Only so many lines of each target and stream of what came so far; 0: all.
  uint32_t tail = 0;
  // A line for each change of a target's state.
  bool events = false;
  ShownMessages messages;
  // Of a query: another one over all rows; empty: none.
  std::string merge;
  // Of one of several queries; borrowed. Null: it is alone.
  const RowsSeries* series = nullptr;
  // A verb's own; empty: as the options say.
  std::function<std::unique_ptr<OutputView>(const FollowedJob&, Sinks)>
      own_view;
  // --output-dir, prepared; empty: none.
  std::string directory;
};

// -b, -N, -o, --output-dir, --raw, --verbose and --debug on a verb.
void AddShowOptions(CLI::App& verb, Context& context, ShowOptions& options);
// -b, -o and --merge on a verb that shows rows.
void AddRowsOptions(CLI::App& verb, Context& context, ShowOptions& options);
// Options that contradict each other, and a folder that can not be used.
// Makes the folder.
absl::Status PrepareToShow(const Context& context, const ShowOptions& options);

// How to follow and what to say about it.
struct FollowRequest {
  FollowerOptions follower;
  ShowOptions show;
  OutcomeOptions outcome;
  // Called when everything that came was written out.
  std::function<absl::Status(const FollowedJob&)> on_written;
  // How the next steps name the job: "last"; empty: its number.
  std::string job_name;
};

// How it ended.
struct FollowEnd {
  int exit_status = 0;
  LeaveReason reason = LeaveReason::kOver;
  // Follower::signal
  std::optional<int> signal;
};

// Follows until the job is over or there is a reason to leave, and says what is
// to be said. An error when the controller refused, or was lost before it said
// anything.
absl::StatusOr<FollowEnd> FollowJob(const Context& context,
                                    Connection& connection, SignalPipe& signals,
                                    FollowRequest request);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_FOLLOW_H_
