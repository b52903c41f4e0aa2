// Following a job the way every verb does it: show its output, name who did
// not complete, end with the status that says so.
#ifndef CONTROLLER_CLI_FOLLOW_FOLLOW_H_
#define CONTROLLER_CLI_FOLLOW_FOLLOW_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "controller/cli/command.h"
#include "controller/cli/connection.h"
#include "controller/cli/follow/follower.h"
#include "controller/cli/follow/outcome.h"

namespace tutti::cli {

// How output is shown.
struct ShowOptions {
  // Nothing is; the end alone is waited for.
  bool silent = false;
  // -b; on a terminal also without it where there are many targets.
  bool gather = false;
  bool no_prefix = false;
  // Control sequences go to a terminal as they are.
  bool raw = false;
  // Only this one; both when unspecified.
  v1::OutputStream stream = v1::OUTPUT_STREAM_UNSPECIFIED;
  // --output-dir, prepared; empty: none.
  std::string directory;
};

// The options of ShowOptions, but for the stream, on a verb.
void AddShowOptions(CLI::App& verb, Context& context, ShowOptions& options);
// Options that contradict each other, and a folder that can not be used.
// Makes the folder.
absl::Status PrepareToShow(const Context& context, const ShowOptions& options);

// How to follow and what to say about it.
struct FollowRequest {
  FollowerOptions follower;
  ShowOptions show;
  OutcomeOptions outcome;
  // How the next steps name the job: "last"; empty: its number.
  std::string job_name;
};

// Follows until the job is over or there is a reason to leave, says what is
// to be said, and gives the exit status. An error when the controller refused,
// or was lost before it said anything.
absl::StatusOr<int> FollowJob(const Context& context, Connection& connection,
                              SignalPipe& signals, FollowRequest request);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_FOLLOW_H_
