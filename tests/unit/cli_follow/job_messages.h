// WatchJob messages for tests.
#ifndef TESTS_UNIT_CLI_FOLLOW_JOB_MESSAGES_H_
#define TESTS_UNIT_CLI_FOLLOW_JOB_MESSAGES_H_

#include <string>
#include <utility>

#include "controller/cli/follow/followed_job.h"
#include "controller/cli/follow/output_view.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

// The first message: job 17 on `targets` (folded) of `count` names.
inline v1::WatchJobResponse JobMessage(const std::string& targets,
                                       uint32_t count) {
  v1::WatchJobResponse message;
  v1::Job& job = *message.mutable_job();
  job.set_number(17);
  job.set_uuid(std::string(16, '\1'));
  job.set_state(v1::JOB_STATE_RUNNING);
  job.set_targets(targets);
  job.set_target_count(count);
  return message;
}

// Output from `position` on; it ends behind its last byte.
inline v1::WatchJobResponse OutputMessage(
    uint32_t task, uint64_t position, const std::string& data,
    v1::OutputStream stream = v1::OUTPUT_STREAM_STDOUT) {
  v1::WatchJobResponse message;
  v1::TaskUpdate& update = *message.add_tasks();
  update.set_task(task);
  update.set_attempt(1);
  v1::WatchedOutput& output = *update.add_output();
  output.set_stream(stream);
  output.set_position(position);
  output.set_next_position(position + data.size());
  output.set_data(data);
  return message;
}

inline v1::WatchJobResponse StatusMessage(uint32_t task,
                                          v1::TaskStatus status) {
  v1::WatchJobResponse message;
  v1::TaskUpdate& update = *message.add_tasks();
  update.set_task(task);
  update.set_attempt(1);
  *update.mutable_status() = std::move(status);
  return message;
}

inline v1::TaskStatus Status(v1::TaskState state) {
  v1::TaskStatus status;
  status.mutable_attempt()->set_state(state);
  return status;
}

inline v1::TaskStatus Ended(v1::TaskState state, int exit_status) {
  v1::TaskStatus status = Status(state);
  status.mutable_attempt()->mutable_outcome()->set_exit_status(exit_status);
  return status;
}

// Hands everything to a view, once there is one.
class ViewListener final : public JobListener {
 public:
  void set_view(OutputView* view) { view_ = view; }
  absl::Status OnJob() override { return absl::OkStatus(); }
  void OnOutput(size_t task, const OutputPiece& piece) override {
    if (view_ != nullptr) view_->OnOutput(task, piece);
  }
  void OnAttempt(size_t task) override {
    if (view_ != nullptr) view_->OnAttempt(task);
  }
  void OnStatus(size_t task) override {
    if (view_ != nullptr) view_->OnStatus(task);
  }

 private:
  OutputView* view_ = nullptr;
};

// A job with a view of it: what most tests of views need.
template <typename View>
class ViewedJob {
 public:
  template <typename... Arguments>
  ViewedJob(const std::string& targets, uint32_t count,
            const Arguments&... arguments) {
    Apply(JobMessage(targets, count));
    view_ = std::make_unique<View>(job_, arguments..., Sinks{output, error});
    listener_.set_view(view_.get());
  }

  void Apply(v1::WatchJobResponse message) {
    status = job_.Apply(message, listener_);
  }
  // Standard output of a task, after what it said before.
  void Say(uint32_t task, const std::string& text,
           v1::OutputStream stream = v1::OUTPUT_STREAM_STDOUT) {
    Apply(OutputMessage(task, 8 + job_.tasks()[task].position, text, stream));
  }
  View& view() { return *view_; }
  const FollowedJob& job() const { return job_; }

  std::string output;
  std::string error;
  absl::Status status;

 private:
  FollowedJob job_;
  ViewListener listener_;
  std::unique_ptr<View> view_;
};

}  // namespace tutti::cli

#endif  // TESTS_UNIT_CLI_FOLLOW_JOB_MESSAGES_H_
