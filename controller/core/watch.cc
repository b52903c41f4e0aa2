#include "controller/core/watch.h"

#include <algorithm>
#include <utility>

#include "common/jobs/states.h"
#include "common/records/record_log.h"

namespace tutti::controller {
namespace {

// What a chunk costs in a response beyond its bytes, about.
constexpr size_t kChunkCost = 32;

}  // namespace

Watch::Watch(WatchId id, const Job& job, const v1::WatchJobRequest& request)
    : id_(id),
      job_(job.number()),
      follow_(request.follow()),
      output_(request.output()),
      attempt_(request.attempt()),
      cursors_(job.size()) {
  for (uint32_t index = 0; index < job.size(); ++index) {
    const uint32_t newest = job.task(index).attempt;
    if (attempt_ == 0) {
      cursors_[index].attempt = newest;
    } else if (job.ViewOf(index, attempt_).has_value()) {
      cursors_[index].attempt = attempt_;
    }
  }
  for (const v1::TaskCursor& resume : request.resume()) {
    if (resume.task() >= job.size()) continue;
    Cursor& cursor = cursors_[resume.task()];
    const bool watched =
        attempt_ == 0 ? job.ViewOf(resume.task(), resume.attempt()).has_value()
                      : cursor.attempt == resume.attempt();
    if (!watched) continue;
    cursor.attempt = resume.attempt();
    cursor.position = resume.position();
  }
  if (!follow_) limits_.resize(job.size());
  for (uint32_t index = 0; index < job.size(); ++index) {
    const auto view = job.ViewOf(index, cursors_[index].attempt);
    if (!view.has_value()) continue;
    if (!follow_) limits_[index] = view->output.next_position();
    // A task of which nothing is said is pending.
    if (view->state == v1::TASK_STATE_PENDING && !job.task(index).offline) {
      continue;
    }
    cursors_[index].status_due = true;
    Enqueue(index);
  }
}

void Watch::NoteJob() { job_due_ = true; }

void Watch::NoteStatus(uint32_t task) {
  job_due_ = true;
  if (cursors_[task].attempt == 0) return;
  cursors_[task].status_due = true;
  Enqueue(task);
}

void Watch::NoteOutput(uint32_t task) {
  const Cursor& cursor = cursors_[task];
  if (output_ && follow_ && cursor.attempt != 0 && !cursor.blocked) {
    Enqueue(task);
  }
}

void Watch::Enqueue(uint32_t task) {
  if (cursors_[task].queued) return;
  cursors_[task].queued = true;
  queue_.push_back(task);
}

std::optional<v1::WatchJobResponse> Watch::Build(const Job& job,
                                                 const LastSeen& last_seen) {
  v1::WatchJobResponse response;
  if (job_due_) {
    *response.mutable_job() = job.Describe(!targets_sent_);
    job_due_ = false;
    targets_sent_ = true;
  }
  room_ = kResponseBytes;
  while (!queue_.empty() && room_ > 0 &&
         response.tasks_size() < kResponseTasks) {
    const uint32_t task = queue_.front();
    queue_.pop_front();
    cursors_[task].queued = false;
    AddTask(job, task, last_seen, response);
  }
  if (!response.has_job() && response.tasks_size() == 0) return std::nullopt;
  return response;
}

void Watch::AddTask(const Job& job, uint32_t index, const LastSeen& last_seen,
                    v1::WatchJobResponse& response) {
  Cursor& cursor = cursors_[index];
  if (cursor.end_told) GoOnWithNextAttempt(job, index);
  v1::TaskUpdate& update = *response.add_tasks();
  update.set_task(index);
  update.set_attempt(cursor.attempt);
  const Progress progress = AddOutput(job, index, update);
  if (progress == Progress::kMore) Enqueue(index);
  const Task& task = job.task(index);
  const bool over = task.attempt != cursor.attempt || IsFinal(task.state);
  if (cursor.status_due && (progress == Progress::kAllSent || !over)) {
    cursor.status_due = false;
    const absl::Time seen =
        task.offline ? last_seen(job.target(index)) : absl::InfinitePast();
    *update.mutable_status() = job.DescribeTask(index, cursor.attempt, seen);
    cursor.end_told = over;
    if (over) GoOnWithNextAttempt(job, index);
  } else if (update.output_size() == 0) {
    response.mutable_tasks()->RemoveLast();
  }
}

std::optional<uint64_t> Watch::SentUpTo(uint32_t task, uint32_t attempt) const {
  const Cursor& cursor = cursors_[task];
  if (!output_ || cursor.attempt == 0) return std::nullopt;
  if (cursor.attempt == attempt) return cursor.position;
  const bool later = cursor.attempt < attempt && attempt_ == 0 && follow_;
  return later ? std::optional<uint64_t>(0) : std::nullopt;
}

void Watch::GoOnWithNextAttempt(const Job& job, uint32_t index) {
  Cursor& cursor = cursors_[index];
  const uint32_t next = job.NextAttempt(index, cursor.attempt);
  if (attempt_ != 0 || !follow_ || next == 0) return;
  cursor.attempt = next;
  cursor.position = 0;
  cursor.end_told = false;
  cursor.status_due = true;
  Enqueue(index);
}

Watch::Progress Watch::AddOutput(const Job& job, uint32_t index,
                                 v1::TaskUpdate& update) {
  if (!output_) return Progress::kAllSent;
  Cursor& cursor = cursors_[index];
  const TaskOutput& stored = job.ViewOf(index, cursor.attempt)->output;
  while (true) {
    if (room_ == 0) return Progress::kMore;
    // First, because a fetch may bring the last of the output some time before
    // it says that it is done.
    if (cursor.blocked) {
      const std::optional<Progress> fetched = AddFetchedOutput(index, update);
      if (fetched.has_value()) return *fetched;
    }
    if (!follow_ && cursor.position >= limits_[index]) {
      return Progress::kAllSent;
    }
    const OutputView view = stored.At(cursor.position);
    switch (view.kind) {
      case OutputView::Kind::kNothing:
        return Progress::kAllSent;
      case OutputView::Kind::kChunk:
        AddChunk(*view.chunk, cursor, update);
        break;
      case OutputView::Kind::kGap:
        cursor.blocked = true;
        ++blocked_;
        wanted_.push_back(
            {index, cursor.attempt, view.from, view.to, view.gap_bytes});
        return Progress::kBlocked;
    }
  }
}

std::optional<Watch::Progress> Watch::AddFetchedOutput(uint32_t index,
                                                       v1::TaskUpdate& update) {
  const auto found = fetches_.find(index);
  if (found == fetches_.end()) return Progress::kBlocked;
  Fetch& fetch = found->second;
  Cursor& cursor = cursors_[index];
  while (!fetch.chunks.empty()) {
    if (room_ == 0) return Progress::kMore;
    AddChunk(fetch.chunks.front(), cursor, update);
    fetch.chunks.pop_front();
  }
  if (!fetch.end.has_value()) return Progress::kBlocked;
  const bool missing = *fetch.end == FetchEnd::kUnable ||
                       (*fetch.end == FetchEnd::kComplete && !fetch.any);
  if (missing && cursor.position < fetch.wanted.to) {
    const uint64_t bytes =
        fetch.any ? fetch.wanted.to - cursor.position : fetch.wanted.bytes;
    AddMissing(fetch.wanted.to, bytes, cursor, update);
  }
  reserved_bytes_ -= FetchSize(fetch.wanted);
  fetches_.erase(found);
  cursor.blocked = false;
  --blocked_;
  return std::nullopt;
}

void Watch::AddChunk(const StoredChunk& chunk, Cursor& cursor,
                     v1::TaskUpdate& update) {
  if (chunk.stream == v1::OUTPUT_STREAM_REQUEST) {
    // Not for who reads output.
    cursor.position = chunk.next_position;
    return;
  }
  if (!chunk.content) {
    AddMissing(chunk.next_position, chunk.missing(), cursor, update);
    return;
  }
  v1::WatchedOutput& output = *update.add_output();
  output.set_stream(chunk.stream);
  output.set_position(chunk.position);
  output.set_next_position(chunk.next_position);
  output.mutable_time()->set_seconds(chunk.time / 1'000'000'000);
  output.mutable_time()->set_nanos(chunk.time % 1'000'000'000);
  cursor.position = chunk.next_position;
  size_t cost = kChunkCost;
  const Content& content = *chunk.content.get();
  const bool numbered = ContentIds::IsNumbered(content);
  const std::optional<uint64_t> earlier =
      numbered ? content_ids_.Find(content) : std::nullopt;
  if (earlier.has_value()) {
    output.set_same_as(*earlier);
  } else {
    if (numbered) output.set_content_id(content_ids_.Add(content));
    output.set_data(content.data);
    cost += content.data.size();
  }
  room_ -= std::min(room_, cost);
}

void Watch::AddMissing(uint64_t to, uint64_t bytes, Cursor& cursor,
                       v1::TaskUpdate& update) {
  v1::WatchedOutput& output = *update.add_output();
  output.set_stream(v1::OUTPUT_STREAM_EVENT);
  output.set_position(cursor.position);
  output.set_next_position(to);
  output.set_missing_bytes(bytes);
  cursor.position = to;
  room_ -= std::min(room_, kChunkCost);
}

std::vector<WantedOutput> Watch::TakeWanted() {
  return std::exchange(wanted_, {});
}

void Watch::BeginFetch(const WantedOutput& wanted) {
  Fetch& fetch = fetches_[wanted.task];
  fetch.wanted = wanted;
  fetch.next_position = wanted.from;
  reserved_bytes_ += FetchSize(wanted);
}

bool Watch::ExpectsFetched(uint32_t task, const v1::OutputChunk& chunk) const {
  const auto found = fetches_.find(task);
  if (found == fetches_.end()) return false;
  const Fetch& fetch = found->second;
  return chunk.position() >= fetch.next_position &&
         chunk.next_position() > chunk.position() &&
         chunk.position() < fetch.wanted.from + FetchSize(fetch.wanted);
}

void Watch::AddFetched(uint32_t task, StoredChunk chunk) {
  Fetch& fetch = fetches_[task];
  if (chunk.position > std::max(fetch.next_position, kLogHeaderBytes)) {
    // The target has lost what is before it.
    StoredChunk lost;
    lost.position = fetch.next_position;
    lost.next_position = chunk.position;
    fetch.chunks.push_back(std::move(lost));
  }
  fetch.any = true;
  fetch.next_position = chunk.next_position;
  fetch.chunks.push_back(std::move(chunk));
  Enqueue(task);
}

void Watch::EndFetch(uint32_t task, FetchEnd end) {
  const auto found = fetches_.find(task);
  if (found == fetches_.end()) return;
  found->second.end = end;
  Enqueue(task);
}

void Watch::GiveUp(const WantedOutput& wanted) {
  BeginFetch(wanted);
  EndFetch(wanted.task, FetchEnd::kUnable);
}

void Watch::Retry(uint32_t task) {
  if (!cursors_[task].blocked || fetches_.contains(task)) return;
  cursors_[task].blocked = false;
  --blocked_;
  Enqueue(task);
}

bool Watch::Done(const Job& job) const {
  return queue_.empty() && blocked_ == 0 && !job_due_ &&
         (!follow_ || job.final() ||
          (attempt_ != 0 && job.attempts()[attempt_ - 1]->unfinished == 0));
}

}  // namespace tutti::controller
