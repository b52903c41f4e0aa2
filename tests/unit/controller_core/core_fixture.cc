#include "tests/unit/controller_core/core_fixture.h"

#include <utility>

#include "common/base/duration.h"
#include "common/signing/envelope.h"
#include "common/targets/node_set.h"
#include "controller/core/journal_queue.h"

namespace tutti::testing {
namespace {

constexpr char kFleet[] = "demo";
constexpr char kOperator[] = "alice";
const std::string kFingerprint(32, 'k');

}  // namespace

CoreFixture::CoreFixture(controller::CoreSettings settings)
    : settings_(settings), effects_(std::make_unique<FakeEffects>()) {
  Enroll({});
}

void CoreFixture::Enroll(const std::vector<std::string>& names) {
  names_ = names;
  controller::JournalBatch batch;
  for (const std::string& name : names) {
    batch.agents.push_back({name, kFingerprint, {}});
  }
  effects_ = std::make_unique<FakeEffects>();
  effects_->Commit(std::move(batch), [](absl::Status) {});
  effects_->CommitAll();
  Restart();
  clock_.Advance(absl::Hours(1));
}

void CoreFixture::Restart() {
  auto effects = std::make_unique<FakeEffects>();
  core_.reset();
  core_ = std::make_unique<controller::Core>(
      kFleet, settings_, controller::CoreClocks{wall_clock_, clock_}, *effects);
  // The fake journal goes on with what is in it.
  const controller::JournalContents contents = effects_->journal();
  controller::JournalBatch all;
  all.new_jobs = contents.jobs;
  all.new_attempts = contents.attempts;
  all.assigned = contents.assigned;
  all.outcomes = contents.outcomes;
  all.steering = contents.steering;
  all.agents = contents.agents;
  all.groups = contents.groups;
  effects->Commit(std::move(all), [](absl::Status) {});
  effects->CommitAll();
  effects_ = std::move(effects);
  core_->Load(contents);
  watched_.clear();
  contents_.clear();
}

controller::SessionId CoreFixture::Connect(
    const std::string& name, const std::vector<v1::AttemptReport>& attempts) {
  v1::AgentHello hello;
  for (const v1::AttemptReport& attempt : attempts) {
    *hello.add_attempts() = attempt;
  }
  const controller::SessionId session = next_session_++;
  core_->OnHello(session, {name, kFingerprint, "192.0.2.1:5"}, hello);
  effects_->CommitAll();
  return session;
}

void CoreFixture::ConnectAll() {
  for (const std::string& name : names_) Connect(name);
  // Their own rows are in the journal after the first half of it.
  Advance(2 * controller::JournalQueue::kGatherFor);
}

void CoreFixture::Disconnect(const std::string& name) {
  core_->OnSessionClosed(session(name));
  effects_->CommitAll();
}

controller::PreparedJob CoreFixture::Prepare(
    const std::vector<std::string>& targets, int seed) const {
  controller::PreparedJob job;
  v1::JobSpec& spec = job.opened.spec;
  spec.set_fleet(kFleet);
  spec.set_job_uuid(
      std::string(Uuid::Generate(clock_.Now() + absl::Seconds(seed)).bytes()));
  spec.set_attempt(1);
  spec.mutable_command()->add_arguments("true");
  *spec.mutable_issued_at() = tutti::ToProto(clock_.Now());
  *spec.mutable_expires_at() = tutti::ToProto(clock_.Now() + absl::Hours(48));
  job.request.set_offline(v1::OFFLINE_POLICY_FAIL);
  job.operator_name = kOperator;
  SetTargets(targets, job);
  return job;
}

controller::PreparedJob CoreFixture::PrepareRetry(
    const controller::PreparedJob& job, uint32_t attempt,
    const std::vector<std::string>& targets) const {
  controller::PreparedJob retry = job;
  retry.opened.spec.set_attempt(attempt);
  SetTargets(targets, retry);
  return retry;
}

void CoreFixture::SetTargets(const std::vector<std::string>& targets,
                             controller::PreparedJob& job) {
  const MerkleTree tree = *MakeTargetTree(targets, job.request.parameters());
  v1::JobSpec& spec = job.opened.spec;
  spec.set_target_count(targets.size());
  spec.set_targets_root(std::string(tree.root().begin(), tree.root().end()));
  v1::Envelope envelope;
  envelope.set_spec(spec.SerializeAsString());
  job.envelope =
      std::make_shared<const std::string>(envelope.SerializeAsString());
  job.targets = targets;
  job.tree = std::make_shared<const MerkleTree>(tree);
  job.request.set_targets(FoldNames(targets));
}

std::shared_ptr<std::optional<absl::StatusOr<v1::StartJobResponse>>>
CoreFixture::Submit(controller::PreparedJob job) {
  const std::string uuid = job.opened.spec.job_uuid();
  auto answer =
      std::make_shared<std::optional<absl::StatusOr<v1::StartJobResponse>>>();
  core_->StartJob(std::move(job),
                  [=, this](absl::StatusOr<v1::StartJobResponse> response) {
                    if (response.ok()) started_[response->number()] = {uuid};
                    *answer = std::move(response);
                  });
  return answer;
}

uint64_t CoreFixture::Start(controller::PreparedJob job) {
  const auto answer = Submit(std::move(job));
  effects_->CommitAll();
  EXPECT_TRUE(answer->has_value());
  EXPECT_THAT(**answer, IsOk());
  return (*answer)->ok() ? (**answer)->number() : 0;
}

void CoreFixture::Advance(absl::Duration duration) {
  const absl::Time end = clock_.Now() + duration;
  const auto next = [this] {
    return core_->NextDeadline() - wall_clock_.ahead();
  };
  while (next() <= end) {
    clock_.Set(std::max(clock_.Now(), next()));
    core_->OnTime();
    effects_->CommitAll();
  }
  clock_.Set(end);
}

v1::AttemptReport CoreFixture::MakeReport(const std::string& name,
                                          v1::TaskState state, uint64_t job,
                                          uint32_t attempt) {
  const Started& started =
      job == 0 ? started_.rbegin()->second : started_.at(job);
  v1::AttemptReport report;
  report.mutable_key()->set_job_uuid(started.uuid);
  report.mutable_key()->set_attempt(attempt);
  report.mutable_key()->set_target(name);
  report.mutable_status()->set_state(state);
  *report.mutable_status()->mutable_started_at() = tutti::ToProto(clock_.Now());
  report.set_end_position(kFirst);
  if (state == v1::TASK_STATE_COMPLETED) {
    report.mutable_status()->mutable_outcome()->set_exit_status(0);
    *report.mutable_status()->mutable_ended_at() = tutti::ToProto(clock_.Now());
  }
  return report;
}

v1::OutputChunk CoreFixture::MakeChunk(uint64_t position,
                                       const std::string& data) {
  v1::OutputChunk chunk;
  chunk.set_stream(v1::OUTPUT_STREAM_STDOUT);
  chunk.set_position(position);
  chunk.set_next_position(position + 24 + data.size());
  chunk.set_data(data);
  return chunk;
}

void CoreFixture::AddOutput(v1::AttemptReport& report, uint64_t position,
                            const std::string& data) {
  *report.add_output() = MakeChunk(position, data);
  report.set_end_position(position + 24 + data.size());
}

void CoreFixture::Report(const std::string& name, v1::AttemptReport report) {
  v1::AgentReport message;
  *message.add_attempts() = std::move(report);
  core_->OnReport(session(name), std::move(message));
  effects_->CommitAll();
}

void CoreFixture::Complete(const std::string& name, const std::string& output,
                           uint64_t job) {
  v1::AttemptReport report = MakeReport(name, v1::TASK_STATE_COMPLETED, job);
  if (!output.empty()) AddOutput(report, kFirst, output);
  Report(name, std::move(report));
}

void CoreFixture::SendBulk(const std::string& name, uint64_t position,
                           const std::string& data, uint64_t fetch_id,
                           bool fetch_done) {
  v1::SendOutputRequest request;
  *request.mutable_key() = MakeReport(name, v1::TASK_STATE_RUNNING).key();
  if (!data.empty()) *request.add_output() = MakeChunk(position, data);
  request.set_fetch_id(fetch_id);
  request.set_fetch_done(fetch_done);
  core_->OnOutput(session(name), std::move(request));
  effects_->CommitAll();
}

std::vector<v1::AttemptDirective> CoreFixture::TakeDirectives(
    const std::string& name) {
  std::vector<v1::AttemptDirective> directives;
  for (v1::SessionResponse& response : effects_->sent[session(name)]) {
    for (const auto& directive : response.directives().attempts()) {
      directives.push_back(directive);
    }
    response.mutable_directives()->clear_attempts();
  }
  return directives;
}

std::vector<v1::FetchOutput> CoreFixture::TakeFetches(const std::string& name) {
  std::vector<v1::FetchOutput> fetches;
  for (v1::SessionResponse& response : effects_->sent[session(name)]) {
    for (const auto& fetch : response.directives().fetches()) {
      fetches.push_back(fetch);
    }
    if (response.has_directives()) {
      response.mutable_directives()->clear_fetches();
    }
  }
  return fetches;
}

const v1::ControllerWelcome& CoreFixture::LastWelcome(const std::string& name) {
  return effects_->sent[session(name)].at(0).welcome();
}

size_t CoreFixture::AssignedCount(const std::string& name) {
  return effects_->assigned[session(name)].size();
}

v1::GetJobResponse CoreFixture::Get(uint64_t job) {
  v1::GetJobRequest request;
  request.mutable_job()->set_number(job);
  request.set_earlier(true);
  v1::GetJobResponse result;
  core_->GetJob(kOperator, request,
                [&](absl::StatusOr<v1::GetJobResponse> response) {
                  EXPECT_THAT(response, IsOk());
                  if (response.ok()) result = *std::move(response);
                });
  return result;
}

absl::Status CoreFixture::Stop(uint64_t job, v1::StopJobRequest request) {
  request.mutable_job()->set_number(job);
  absl::Status status = absl::UnknownError("no answer");
  core_->StopJob(kOperator, request,
                 [&](const auto& response) { status = response.status(); });
  effects_->CommitAll();
  return status;
}

absl::StatusOr<v1::SuspendJobResponse> CoreFixture::Suspend(
    uint64_t job, bool suspend, const std::vector<std::string>& targets) {
  v1::SuspendJobRequest request;
  request.mutable_job()->set_number(job);
  request.set_suspend(suspend);
  for (const std::string& target : targets) request.add_targets(target);
  absl::StatusOr<v1::SuspendJobResponse> result =
      absl::UnknownError("no answer");
  core_->SuspendJob(kOperator, request,
                    [&](auto response) { result = std::move(response); });
  effects_->CommitAll();
  return result;
}

absl::Status CoreFixture::Set(uint64_t job, v1::SetJobRequest request) {
  request.mutable_job()->set_number(job);
  absl::Status status = absl::UnknownError("no answer");
  core_->SetJob(kOperator, request,
                [&](const auto& response) { status = response.status(); });
  effects_->CommitAll();
  return status;
}

absl::Status CoreFixture::Hold(uint64_t job, bool hold) {
  v1::HoldJobRequest request;
  request.mutable_job()->set_number(job);
  request.set_hold(hold);
  absl::Status status = absl::UnknownError("no answer");
  core_->HoldJob(kOperator, request,
                 [&](const auto& response) { status = response.status(); });
  effects_->CommitAll();
  return status;
}

absl::Status CoreFixture::Remove(uint64_t job, bool force) {
  v1::RemoveJobRequest request;
  request.mutable_job()->set_number(job);
  request.set_force(force);
  absl::Status status = absl::UnknownError("no answer");
  core_->RemoveJob(kOperator, request,
                   [&](const auto& response) { status = response.status(); });
  effects_->CommitAll();
  return status;
}

void CoreFixture::OpenWatch(controller::WatchId watch, uint64_t job,
                            bool follow,
                            const std::vector<v1::TaskCursor>& resume,
                            uint32_t attempt) {
  v1::WatchJobRequest request;
  request.mutable_job()->set_number(job);
  request.set_follow(follow);
  request.set_output(true);
  request.set_attempt(attempt);
  for (const v1::TaskCursor& cursor : resume) *request.add_resume() = cursor;
  core_->OpenWatch(watch, kOperator, request);
}

bool CoreFixture::TakeOne(controller::WatchId watch) {
  std::vector<v1::WatchJobResponse>& responses = effects_->watched[watch];
  // For what is being gathered.
  if (responses.empty()) Advance(absl::Milliseconds(5));
  if (responses.empty()) return false;
  // One is in flight at a time.
  EXPECT_EQ(responses.size(), 1u);
  const v1::WatchJobResponse response = std::move(responses.front());
  responses.clear();
  Take(watch, response);
  core_->OnWatchReady(watch);
  return true;
}

Watched& CoreFixture::Drain(controller::WatchId watch) {
  while (TakeOne(watch)) {
  }
  return watched_[watch];
}

void CoreFixture::Take(controller::WatchId watch,
                       const v1::WatchJobResponse& response) {
  Watched& watched = watched_[watch];
  if (response.has_job()) watched.job = response.job();
  for (const v1::TaskUpdate& update : response.tasks()) {
    std::string& output = watched.output[update.task()];
    for (const v1::WatchedOutput& piece : update.output()) {
      watched.positions[update.task()] = piece.next_position();
      if (piece.has_missing_bytes()) {
        output += "<" + std::to_string(piece.missing_bytes()) + " missing>";
      } else if (piece.has_same_as()) {
        output += ContentOf(watch, piece.same_as());
        ++watched.same_as_count;
      } else {
        output += piece.data();
        if (piece.content_id() != 0) {
          ContentOf(watch, piece.content_id()) = piece.data();
        }
      }
    }
    if (update.has_status()) watched.statuses[update.task()] = update.status();
  }
}

}  // namespace tutti::testing
