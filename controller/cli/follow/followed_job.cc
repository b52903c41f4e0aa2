#include "controller/cli/follow/followed_job.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/jobs/states.h"
#include "common/targets/node_set.h"
#include "controller/cli/follow/outcome.h"

namespace tutti::cli {
namespace {

bool IsFinalTask(const FollowedTask& task) {
  return IsFinal(task.status.attempt().state());
}

bool IsLost(const FollowedTask& task) {
  return task.status.lost() && !IsFinalTask(task);
}

}  // namespace

std::vector<v1::TaskCursor> FollowedJob::BeginStream() {
  contents_ = ContentCache();
  return known_ ? Places() : start_;
}

std::vector<v1::TaskCursor> FollowedJob::Places() const {
  std::vector<v1::TaskCursor> cursors;
  for (size_t i = 0; i < tasks_.size(); ++i) {
    if (tasks_[i].position == 0) continue;
    v1::TaskCursor& cursor = cursors.emplace_back();
    cursor.set_task(static_cast<uint32_t>(i));
    cursor.set_attempt(tasks_[i].attempt);
    cursor.set_position(tasks_[i].position);
  }
  return cursors;
}

absl::Status FollowedJob::Apply(v1::WatchJobResponse& message,
                                JobListener& listener) {
  if (message.has_job()) {
    TUTTI_RETURN_IF_ERROR(SetJob(*message.mutable_job(), listener));
  }
  if (!known_) {
    return DataLoss(
        "the controller sent output before it said of which job; is it of "
        "another version?");
  }
  for (v1::TaskUpdate& update : *message.mutable_tasks()) {
    TUTTI_RETURN_IF_ERROR(ApplyTask(update, listener));
  }
  return absl::OkStatus();
}

absl::Status FollowedJob::SetJob(v1::Job& job, JobListener& listener) {
  if (known_) {
    // Once is enough for the longest field.
    if (job.targets().empty()) job.set_targets(job_.targets());
    job_ = std::move(job);
    return absl::OkStatus();
  }
  job_ = std::move(job);
  TUTTI_ASSIGN_OR_RETURN(std::vector<std::string> names,
                         ExpandNames(job_.targets()));
  TUTTI_ASSIGN_OR_RETURN(const std::vector<bool> selected, SelectAmong(names));
  tasks_.resize(names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    tasks_[i].selected = selected[i];
    if (tasks_[i].selected) ++selected_count_;
    tasks_[i].name = std::move(names[i]);
    tasks_[i].status.mutable_attempt()->set_state(v1::TASK_STATE_PENDING);
  }
  for (const v1::TaskCursor& place : start_) {
    if (place.task() >= tasks_.size()) continue;
    tasks_[place.task()].attempt = place.attempt();
    tasks_[place.task()].position = place.position();
  }
  counts_[v1::TASK_STATE_PENDING] = selected_count_;
  known_ = true;
  return listener.OnJob();
}

absl::StatusOr<std::vector<bool>> FollowedJob::SelectAmong(
    const std::vector<std::string>& names) const {
  std::vector<bool> selected(names.size(), true);
  // The first attempt has all of the job's targets.
  if (attempt_ > 1) {
    std::vector<std::string> tried;
    for (const v1::JobAttempt& attempt : job_.attempts()) {
      if (attempt.number() != attempt_) continue;
      TUTTI_ASSIGN_OR_RETURN(tried, ExpandNames(attempt.targets()));
    }
    for (size_t i = 0; i < names.size(); ++i) {
      selected[i] = std::binary_search(tried.begin(), tried.end(), names[i]);
    }
  }
  for (size_t i = 0; selection_.has_value() && i < names.size(); ++i) {
    selected[i] = selected[i] && selection_->Matches(names[i]) == Match::kYes;
  }
  return selected;
}

absl::Status FollowedJob::ApplyTask(v1::TaskUpdate& update,
                                    JobListener& listener) {
  const size_t index = update.task();
  if (index >= tasks_.size()) {
    return DataLoss("the controller spoke of task {} of {}; try again", index,
                    tasks_.size());
  }
  FollowedTask& task = tasks_[index];
  if (!task.selected) {
    // References to it may come all the same.
    for (v1::WatchedOutput& output : *update.mutable_output()) {
      TUTTI_RETURN_IF_ERROR(Resolve(output).status());
    }
    return absl::OkStatus();
  }
  if (update.attempt() > task.attempt) {
    const bool was_shown = task.position > 0 || IsFinalTask(task);
    task.attempt = update.attempt();
    task.position = 0;
    if (was_shown) listener.OnAttempt(index);
  }
  for (v1::WatchedOutput& output : *update.mutable_output()) {
    TUTTI_RETURN_IF_ERROR(TakeOutput(index, output, listener));
  }
  if (update.has_status()) {
    SetStatus(task, *update.mutable_status());
    listener.OnStatus(index);
  }
  return absl::OkStatus();
}

absl::Status FollowedJob::TakeOutput(size_t index, v1::WatchedOutput& output,
                                     JobListener& listener) {
  FollowedTask& task = tasks_[index];
  OutputPiece piece;
  if (output.body_case() == v1::WatchedOutput::kMissingBytes) {
    piece.missing_bytes = output.missing_bytes();
  } else {
    TUTTI_ASSIGN_OR_RETURN(piece.content, Resolve(output));
  }
  if (output.next_position() <= task.position) return absl::OkStatus();
  if (output.position() < task.position) {
    return DataLoss(
        "the controller sent a part of {}'s output again; try "
        "'tutti job receive {}'",
        task.name, job_.number());
  }
  piece.stream = output.stream();
  piece.attempt = task.attempt;
  piece.position = output.position();
  piece.time = ToTime(output.time());
  task.position = output.next_position();
  listener.OnOutput(index, piece);
  return absl::OkStatus();
}

absl::StatusOr<SharedBytes> FollowedJob::Resolve(v1::WatchedOutput& output) {
  if (output.body_case() == v1::WatchedOutput::kSameAs) {
    return contents_.Find(output.same_as());
  }
  if (output.body_case() != v1::WatchedOutput::kData) return SharedBytes();
  SharedBytes content =
      std::make_shared<const std::string>(std::move(*output.mutable_data()));
  if (output.content_id() != 0) {
    TUTTI_RETURN_IF_ERROR(contents_.Remember(output.content_id(), content));
  }
  return content;
}

void FollowedJob::SetStatus(FollowedTask& task, v1::TaskStatus& status) {
  if (IsFinalTask(task)) --final_count_;
  if (IsLost(task)) --lost_count_;
  --counts_[task.status.attempt().state()];
  task.status = std::move(status);
  ++counts_[task.status.attempt().state()];
  if (IsFinalTask(task)) ++final_count_;
  if (IsLost(task)) ++lost_count_;
}

std::vector<v1::TaskStatus> FollowedJob::SelectedStatuses() const {
  std::vector<v1::TaskStatus> statuses;
  statuses.reserve(selected_count_);
  for (const FollowedTask& task : tasks_) {
    if (task.selected) statuses.push_back(task.status);
  }
  return statuses;
}

}  // namespace tutti::cli
