// One attempt as a relay knows it, between the runner that has it and the
// controller that wants to know.
#ifndef COMMON_RELAY_ATTEMPT_H_
#define COMMON_RELAY_ATTEMPT_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "tutti/v1/agents.pb.h"
#include "tutti/v1/task.pb.h"

namespace tutti::relay {

// How an attempt's output travels.
enum class Way {
  kSession,  // rides in reports on the control session
  kBulk,     // over SendOutput, under credit
};

// Input that the runner has not said to have given to the process: kept for a
// runner that is started again.
struct WaitingInput {
  // Number of the first chunk.
  uint64_t first = 0;
  // Serialised SignedInput.
  std::deque<std::string> chunks;
};

struct Attempt {
  v1::AttemptKey key;

  // What the runner said last. The state is TASK_STATE_UNSPECIFIED until it
  // said anything.
  v1::AttemptStatus status;
  uint64_t end_position = 0;
  uint64_t start_position = 0;
  // The runner named it since the line to it was made.
  bool listed = false;
  // Kept until the runner names the attempt, so that it can be sent again
  // after the runner was away.
  std::unique_ptr<v1::AssignTask> assignment;

  // What the controller said last; unspecified: nothing yet. STOP is final.
  v1::DesiredState desired = v1::DESIRED_STATE_UNSPECIFIED;
  // With STOP.
  v1::StopRule stop;
  uint64_t acknowledged = 0;
  // The controller knows from this session that the relay has it (it was in
  // the hello, or was assigned since), so both agree on positions.
  bool greeted = false;
  // 0: the initial credit beyond `acknowledged`.
  uint64_t credit = 0;

  // Where sending stands. Everything before `sent` was given to the session
  // or the bulk stream; nothing is in flight when it equals `acknowledged`.
  Way way = Way::kSession;
  uint64_t sent = 0;
  // Output before this is unreadable and will never be sent.
  uint64_t lost_before = 0;
  // Part of the relay's session window that is in flight for this attempt.
  uint64_t session_bytes = 0;
  uint64_t told_runner = 0;
  WaitingInput input;
  bool input_closed = false;

  v1::TaskState reported_state = v1::TASK_STATE_UNSPECIFIED;
  uint64_t reported_input = 0;
  bool reported_input_closed = false;
  uint64_t reported_start = 0;
  bool final_sent = false;

  // Membership in the core's lists.
  bool due = false;
  bool waiting = false;
  bool in_bulk = false;
};

// Whether it ever wrote anything, as far as is known.
bool HasOutput(const Attempt& attempt);
// First position that can still be sent, of an attempt that has output.
uint64_t FirstPosition(const Attempt& attempt);
// Where the next output to be sent begins.
uint64_t SendFrom(const Attempt& attempt);
// Bytes of the spool (record headers included) that were not sent yet.
uint64_t Unsent(const Attempt& attempt);
bool InFlight(const Attempt& attempt);
// How far bulk may go. Records are sent whole, so the last one may go beyond.
uint64_t BulkLimit(const Attempt& attempt);

}  // namespace tutti::relay

#endif  // COMMON_RELAY_ATTEMPT_H_
