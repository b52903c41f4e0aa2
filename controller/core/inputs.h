// What operators give their jobs to read.
#ifndef CONTROLLER_CORE_INPUTS_H_
#define CONTROLLER_CORE_INPUTS_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"
#include "controller/core/core_state.h"
#include "controller/core/dispatcher.h"
#include "controller/core/job_input.h"

namespace tutti::controller {

// Passes input from calls to targets, as fast as the slowest one reads. A job
// whose input breaks off is ended: to its programs the end of it would look
// like all of it. Not thread-safe.
class Inputs {
 public:
  // How long a call waits for room.
  static constexpr absl::Duration kAnswerWithin = absl::Seconds(10);
  // After so long without a call the input has broken off.
  static constexpr absl::Duration kGiveUpAfter = absl::Minutes(1);
  // Who holds up the others for longer is named.
  static constexpr absl::Duration kMoment = absl::Seconds(1);

  Inputs(CoreState& state, Dispatcher& dispatcher)
      : state_(state), dispatcher_(dispatcher) {}
  Inputs(const Inputs&) = delete;
  Inputs& operator=(const Inputs&) = delete;

  void Send(std::string_view operator_name, const v1::SendInputRequest& request,
            Reply<v1::SendInputResponse> reply);
  // What a target says of a task that takes input.
  void OnReport(Job& job, uint32_t task, const v1::AttemptReport& report);

  // Does what an event has made possible; `state.input_due` says for whom.
  void Pump();
  absl::Time NextDeadline() const;
  void OnTime();

 private:
  struct Stream {
    Stream(uint32_t tasks, absl::Time now) : input(tasks, now) {}
    JobInput input;
    // The call that waits for room; null: none.
    Reply<v1::SendInputResponse> reply;
    absl::Time answer_at = absl::InfiniteFuture();
    // The caller was told who holds up the others since then.
    absl::Time told_slowest = absl::InfiniteFuture();
    // Nobody of those who hold up the others since then is to be left behind.
    absl::Time spared = absl::InfiniteFuture();
    // Tasks that are being ended because they were too slow.
    std::vector<uint32_t> left_behind;
    bool broken_off = false;
  };

  // The stream of a job that is not final, made when there is none.
  Stream& StreamOf(const Job& job);
  void SendTo(const Job& job, uint32_t task, Stream& stream);
  void SendToAll(const Job& job, Stream& stream);
  // A task has another state.
  void OnTask(Job& job, uint32_t task);
  // Answers the call that waits if there is enough to say, or it is `due`.
  void Answer(const Job& job, Stream& stream, bool due);
  // When the call that waits is answered, whatever has come of it.
  static absl::Time AnswerAt(const Stream& stream);
  // When those are left behind that hold up the others.
  static absl::Time LeaveBehindAt(const Job& job, const Stream& stream);
  // When the input has broken off unless a call comes.
  static absl::Time BrokenOffAt(const Stream& stream);
  absl::Time DeadlineOf(const Job& job, const Stream& stream) const;
  void LeaveBehind(Job& job, Stream& stream);
  void EndBrokenOff(Job& job, Stream& stream);
  // A task that can not have the rest of the input, unless it has all of it.
  void EndUnfed(Job& job, uint32_t task, Stream& stream);

  CoreState& state_;
  Dispatcher& dispatcher_;
  // By the number of the job.
  absl::btree_map<uint64_t, std::unique_ptr<Stream>> streams_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_INPUTS_H_
