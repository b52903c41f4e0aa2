// An attempt as the runner knows it.
#ifndef AGENT_RUNNER_CORE_ATTEMPT_H_
#define AGENT_RUNNER_CORE_ATTEMPT_H_

#include <signal.h>

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "agent/runner/core/process_end.h"
#include "tutti/v1/envelope.pb.h"
#include "tutti/v1/task.pb.h"

namespace tutti::runner {

// The wall clock for what people read, a steady one for what is waited for.
struct Moment {
  absl::Time wall;
  absl::Duration steady;
};

using AttemptId = uint64_t;

// Planning: its user is being looked up. Asking: its condition is being put to
// the host. Committing: "starting" is on its way to the disk. Starting: the
// program is being loaded. Awaited: an earlier runner started it, and whoever
// holds it for us may return it. Ending happens in Running: the process is told
// to end, or has ended and its tree has not. Recording: "ended" is on its way
// to the disk.
enum class AttemptPhase {
  kPlanning,
  kAsking,
  kCommitting,
  kStarting,
  kAwaited,
  kRunning,
  kRecording,
  kFinal
};

// How it is being ended, or will be as soon as it runs.
struct Ending {
  EndCause cause = EndCause::kNone;
  int signal = SIGTERM;
  // From the signal to KILL.
  absl::Duration grace;
};

// How far the process has taken its input.
struct InputState {
  // Chunks.
  uint64_t taken = 0;
  // Others wait for the process to take them.
  bool waits = false;
  // It takes none, or no more.
  bool closed = true;
};

struct Attempt {
  AttemptId id = 0;
  tutti::v1::AttemptKey key;
  // Emptied when it is final.
  tutti::v1::JobSpec spec;
  // No envelope for it holds after this.
  absl::Time valid_until;
  AttemptPhase phase = AttemptPhase::kPlanning;
  tutti::v1::AttemptStatus status;
  // By the spool file.
  uint64_t end_position = 0;
  // Of an attempt of an earlier runner.
  uint64_t start_position = 0;

  Ending ending;
  // It is to stand still: it does so while it is running and not being ended.
  bool suspended = false;
  // Only what the main process has left behind is being ended still.
  bool main_ended = false;
  // It has been told of: short attempts are told of once, at their end.
  bool announced = false;
  InputState input;
  uint64_t published_end = 0;
  uint64_t published_taken = 0;
  absl::Duration published_at = -absl::InfiniteDuration();

  // Deadlines, on the steady clock.
  std::optional<absl::Duration> announce_at;
  std::optional<absl::Duration> publish_at;
  std::optional<absl::Duration> time_out_at;
  std::optional<absl::Duration> kill_at;
  std::optional<absl::Duration> give_up_at;
  // By when its condition has an answer.
  std::optional<absl::Duration> answer_by;
  // Of its time limit, while it stands still.
  std::optional<absl::Duration> time_left;
};

// The earliest of an attempt's deadlines; infinite: it has none.
absl::Duration EarliestDeadline(const Attempt& attempt);
// As the signed spec says.
absl::Duration GraceOf(const Attempt& attempt);
// Its time limit; infinite: none.
absl::Duration LimitOf(const Attempt& attempt);

// What is known of a running attempt besides its spec.
struct RunningState {
  EndCause cause = EndCause::kNone;
  // With a cause: it was told to end by this.
  int signal = SIGTERM;
  std::optional<absl::Duration> time_out_at;
  std::optional<absl::Duration> kill_at;
  std::optional<absl::Duration> give_up_at;
  bool suspended = false;
  std::optional<absl::Duration> time_left;
  InputState input;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_CORE_ATTEMPT_H_
