// What the CLI knows of the job that it follows.
#ifndef CONTROLLER_CLI_FOLLOW_FOLLOWED_JOB_H_
#define CONTROLLER_CLI_FOLLOW_FOLLOWED_JOB_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/targets/target_expression.h"
#include "controller/cli/follow/content_cache.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

// One chunk of a task's output, resolved.
struct OutputPiece {
  v1::OutputStream stream = v1::OUTPUT_STREAM_UNSPECIFIED;
  uint32_t attempt = 1;
  uint64_t position = 0;
  absl::Time time = absl::InfinitePast();
  // Null: `missing_bytes` were left out here.
  SharedBytes content;
  uint64_t missing_bytes = 0;
};

struct FollowedTask {
  std::string name;
  uint32_t attempt = 1;
  // Everything before it came.
  uint64_t position = 0;
  v1::TaskStatus status;
  // False: left out by --target.
  bool selected = true;
};

// What comes out of the messages. Tasks are indices of the frozen list.
class JobListener {
 public:
  virtual ~JobListener() = default;
  // Once, before anything else: the job and its tasks' names are known.
  virtual absl::Status OnJob() = 0;
  virtual void OnOutput(size_t task, const OutputPiece& piece) = 0;
  // A task is tried again: what comes from now on is of its next attempt.
  virtual void OnAttempt(size_t task) = 0;
  // Comes after all output when the state is final.
  virtual void OnStatus(size_t task) = 0;
};

// Applies the messages of one WatchJob stream after the other. What came
// before a break is not given out again. Not thread-safe.
class FollowedJob {
 public:
  // `selection`: only these targets count and are given out. `attempt`: only
  // the tasks that are in it; 0: all. `start`: what comes before these places
  // is not given out.
  explicit FollowedJob(std::optional<TargetExpression> selection = {},
                       uint32_t attempt = 0,
                       std::vector<v1::TaskCursor> start = {})
      : selection_(std::move(selection)),
        attempt_(attempt),
        start_(std::move(start)) {}

  // A new stream begins; its references begin anew. Gives the cursors with
  // which it is to resume.
  std::vector<v1::TaskCursor> BeginStream();
  // Takes output out of `message`. DATA_LOSS when the message contradicts
  // what came before.
  absl::Status Apply(v1::WatchJobResponse& message, JobListener& listener);

  // Where each task stands, but for those that stand at their beginning.
  std::vector<v1::TaskCursor> Places() const;
  // The first message came.
  bool known() const { return known_; }
  const v1::Job& job() const { return job_; }
  const std::vector<FollowedTask>& tasks() const { return tasks_; }
  // Of the selected tasks.
  size_t selected_count() const { return selected_count_; }
  size_t final_count() const { return final_count_; }
  size_t lost_count() const { return lost_count_; }
  // The selected tasks by state; what nobody is in any more may stand at 0.
  const std::map<v1::TaskState, uint64_t>& counts() const { return counts_; }
  // Nothing is left to wait for: every selected task is final or lost.
  bool settled() const {
    return known_ && final_count_ + lost_count_ == selected_count_;
  }
  std::vector<v1::TaskStatus> SelectedStatuses() const;

 private:
  absl::Status SetJob(v1::Job& job, JobListener& listener);
  absl::Status ApplyTask(v1::TaskUpdate& update, JobListener& listener);
  absl::Status TakeOutput(size_t index, v1::WatchedOutput& output,
                          JobListener& listener);
  absl::StatusOr<SharedBytes> Resolve(v1::WatchedOutput& output);
  void SetStatus(FollowedTask& task, v1::TaskStatus& status);

  // Which of the names are selected, in their order.
  absl::StatusOr<std::vector<bool>> SelectAmong(
      const std::vector<std::string>& names) const;

  const std::optional<TargetExpression> selection_;
  const uint32_t attempt_;
  const std::vector<v1::TaskCursor> start_;
  bool known_ = false;
  v1::Job job_;
  std::vector<FollowedTask> tasks_;
  ContentCache contents_;
  size_t selected_count_ = 0;
  size_t final_count_ = 0;
  size_t lost_count_ = 0;
  std::map<v1::TaskState, uint64_t> counts_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_FOLLOWED_JOB_H_
