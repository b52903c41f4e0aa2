#include "controller/core/inputs.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/jobs/states.h"
#include "common/targets/node_set.h"

namespace tutti::controller {
namespace {

std::string FoldTargets(const Job& job, const std::vector<uint32_t>& tasks) {
  std::vector<std::string> names;
  names.reserve(tasks.size());
  for (const uint32_t task : tasks) names.push_back(job.target(task));
  return FoldNames(names);
}

bool TakesInput(const Task& task) {
  return task.state == v1::TASK_STATE_RUNNING ||
         task.state == v1::TASK_STATE_SUSPENDED;
}

}  // namespace

Inputs::Stream& Inputs::StreamOf(const Job& job) {
  std::unique_ptr<Stream>& stream = streams_[job.number()];
  if (stream != nullptr) return *stream;
  const absl::Time now = state_.steady.Now();
  stream = std::make_unique<Stream>(job.size(), now);
  for (uint32_t task = 0; task < job.size(); ++task) {
    if (IsFinal(job.task(task).state)) stream->input.Close(task, now);
  }
  return *stream;
}

void Inputs::Send(std::string_view operator_name,
                  const v1::SendInputRequest& request,
                  Reply<v1::SendInputResponse> reply) {
  absl::StatusOr<Job*> found = state_.jobs.Select(request.job(), operator_name);
  if (!found.ok()) return reply(found.status());
  Job& job = **found;
  if (!job.description().takes_input) {
    return reply(FailedPrecondition(
        "job {} takes no input; start one that does with --stdin",
        job.number()));
  }
  if (job.final()) {
    v1::SendInputResponse response;
    response.set_closed(true);
    return reply(std::move(response));
  }
  Stream& stream = StreamOf(job);
  const absl::Time now = state_.steady.Now();
  if (absl::Status taken = stream.input.Take(request, now); !taken.ok()) {
    return reply(std::move(taken));
  }
  // The caller of an older one is gone.
  Answer(job, stream, /*due=*/true);
  stream.reply = std::move(reply);
  stream.answer_at = now + kAnswerWithin;
  SendToAll(job, stream);
  Answer(job, stream, /*due=*/false);
}

void Inputs::OnReport(Job& job, uint32_t task,
                      const v1::AttemptReport& report) {
  if (!job.description().takes_input || job.final()) return;
  Stream& stream = StreamOf(job);
  const absl::Time now = state_.steady.Now();
  stream.input.SetTaken(task, report.input_taken(), now);
  if (report.input_closed()) stream.input.Close(task, now);
  if (stream.broken_off) EndUnfed(job, task, stream);
  SendTo(job, task, stream);
  Answer(job, stream, /*due=*/false);
}

void Inputs::SendTo(const Job& job, uint32_t task, Stream& stream) {
  if (!TakesInput(job.task(task))) return;
  const AgentLink* link = state_.links.Find(job.target(task));
  if (link == nullptr || link->session == 0 || !link->welcomed) return;
  InputPiece piece = stream.input.TakeFor(task, link->session);
  if (piece.chunks.empty()) return;
  piece.key = job.KeyOf(task);
  state_.effects.SendInput(link->session, std::move(piece));
}

void Inputs::SendToAll(const Job& job, Stream& stream) {
  for (uint32_t task = 0; task < job.size(); ++task) SendTo(job, task, stream);
}

void Inputs::Pump() {
  for (const TaskReference& reference : std::exchange(state_.input_due, {})) {
    Job* job = state_.jobs.Find(reference.job);
    if (job != nullptr) OnTask(*job, reference.task);
  }
}

void Inputs::OnTask(Job& job, uint32_t index) {
  const auto found = streams_.find(job.number());
  if (found == streams_.end() && job.final()) return;
  Stream& stream = StreamOf(job);
  if (!IsFinal(job.task(index).state)) {
    SendTo(job, index, stream);
    return;
  }
  stream.input.Close(index, state_.steady.Now());
  Answer(job, stream, /*due=*/false);
  if (job.final()) streams_.erase(job.number());
}

void Inputs::Answer(const Job& job, Stream& stream, bool due) {
  if (stream.reply == nullptr) return;
  const JobInput& input = stream.input;
  if (!due && !input.closed() && !input.HasRoom()) return;
  v1::SendInputResponse response;
  response.set_taken(input.taken());
  response.set_next(input.next());
  response.set_credit(input.credit());
  response.set_closed(input.closed());
  if (input.held_up_since() + kMoment <= state_.steady.Now()) {
    response.set_slowest(FoldTargets(job, input.Slowest()));
    stream.told_slowest = input.held_up_since();
  }
  response.set_left_behind(FoldTargets(job, stream.left_behind));
  stream.answer_at = absl::InfiniteFuture();
  std::exchange(stream.reply, nullptr)(std::move(response));
}

// --- time ---

absl::Time Inputs::AnswerAt(const Stream& stream) {
  const absl::Time since = stream.input.held_up_since();
  if (stream.reply == nullptr || since == stream.told_slowest) {
    return stream.answer_at;
  }
  return std::min(stream.answer_at, since + kMoment);
}

absl::Time Inputs::LeaveBehindAt(const Job& job, const Stream& stream) {
  const absl::Time since = stream.input.held_up_since();
  if (!stream.input.others_wait() || since == stream.spared) {
    return absl::InfiniteFuture();
  }
  return since + job.description().drop_slow_after;
}

absl::Time Inputs::BrokenOffAt(const Stream& stream) {
  if (stream.input.complete() || stream.input.closed() || stream.broken_off ||
      stream.reply != nullptr) {
    return absl::InfiniteFuture();
  }
  return stream.input.heard_at() + kGiveUpAfter;
}

absl::Time Inputs::DeadlineOf(const Job& job, const Stream& stream) const {
  return std::min(
      {AnswerAt(stream), LeaveBehindAt(job, stream), BrokenOffAt(stream)});
}

absl::Time Inputs::NextDeadline() const {
  absl::Time deadline = absl::InfiniteFuture();
  for (const auto& [number, stream] : streams_) {
    const Job* job = state_.jobs.Find(number);
    if (job != nullptr) {
      deadline = std::min(deadline, DeadlineOf(*job, *stream));
    }
  }
  return state_.WallOf(deadline);
}

void Inputs::OnTime() {
  const absl::Time now = state_.steady.Now();
  std::vector<uint64_t> due;
  for (const auto& [number, stream] : streams_) {
    const Job* job = state_.jobs.Find(number);
    if (job == nullptr || DeadlineOf(*job, *stream) <= now) {
      due.push_back(number);
    }
  }
  for (const uint64_t number : due) {
    Job* job = state_.jobs.Find(number);
    if (job == nullptr) {
      streams_.erase(number);
      continue;
    }
    Stream& stream = *streams_.at(number);
    if (LeaveBehindAt(*job, stream) <= now) LeaveBehind(*job, stream);
    if (AnswerAt(stream) <= now) Answer(*job, stream, /*due=*/true);
    if (BrokenOffAt(stream) <= now) EndBrokenOff(*job, stream);
  }
}

void Inputs::LeaveBehind(Job& job, Stream& stream) {
  const absl::Time now = state_.steady.Now();
  stream.spared = stream.input.held_up_since();
  for (const uint32_t task : stream.input.Slowest()) {
    // Whoever stands still, or is being ended, does so on request.
    if (job.task(task).state == v1::TASK_STATE_SUSPENDED ||
        job.AttemptOf(task).IsStopping(task)) {
      continue;
    }
    stream.left_behind.push_back(task);
    stream.input.Close(task, now);
    dispatcher_.EndTask(job, task,
                        "left behind: it did not take its input in time");
  }
  std::sort(stream.left_behind.begin(), stream.left_behind.end());
  SendToAll(job, stream);
  Answer(job, stream, /*due=*/false);
}

void Inputs::EndBrokenOff(Job& job, Stream& stream) {
  log::Warning("job {}: its input broke off; ending what lacks the rest",
               job.number());
  stream.broken_off = true;
  for (uint32_t task = 0; task < job.size(); ++task) {
    // What comes back later is looked at then: it may have had all.
    if (job.task(task).state != v1::TASK_STATE_DISCONNECTED) {
      EndUnfed(job, task, stream);
    }
  }
}

void Inputs::EndUnfed(Job& job, uint32_t task, Stream& stream) {
  if (stream.input.IsClosed(task)) return;
  dispatcher_.EndTask(job, task, "its input broke off");
}

}  // namespace tutti::controller
