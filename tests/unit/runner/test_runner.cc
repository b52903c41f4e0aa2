#include "tests/unit/runner/test_runner.h"

#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/jobs/states.h"
#include "common/records/record_log.h"
#include "common/records/spool_reader.h"

namespace tutti::testing {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);

[[noreturn]] void Die(std::string_view text) {
  fmt::print(stderr, "TestRunner: {}\n", text);
  std::abort();
}

}  // namespace

TestRunner::TestRunner(runner::RunnerServer::Options options)
    : verifier_(
          {.fleet = "demo", .target = kRunnerTarget, .stands_for = nullptr},
          fleet_.OperatorsTrust(), clock_, policy_),
      options_(std::move(options)) {
  if (options_.kinds.manifests.empty()) {
    options_.kinds.manifests = directory_.path();
  }
  options_.fleet = "demo";
  if (options_.target.empty()) options_.target = kRunnerTarget;
  if (options_.state_directory.empty()) {
    options_.state_directory = directory_.File("state");
  }
  // As the program does.
  signal(SIGPIPE, SIG_IGN);
  Begin();
}

TestRunner::~TestRunner() { ShutDown(); }

void TestRunner::Begin() {
  absl::StatusOr<std::unique_ptr<runner::RunnerServer>> server =
      runner::RunnerServer::Create(options_, verifier_, clock_);
  if (!server.ok()) Die(TextOf(server.status()));
  server_ = *std::move(server);
  thread_ = std::thread([this] { server_->Run(); });
  if (client_ != nullptr) return;
  client_ = std::make_unique<RunnerClient>(
      options_.state_directory + "/runner.sock",
      RunnerClient::Callbacks{.on_message =
                                  [this](runner::v1::RunnerMessage message) {
                                    OnMessage(std::move(message));
                                  },
                              .on_disconnected = [](const absl::Status&) {}});
}

void TestRunner::ShutDown() {
  if (server_ == nullptr) return;
  server_->ShutDown();
  thread_.join();
  server_.reset();
}

void TestRunner::Restart() {
  ShutDown();
  ForgetStates();
  Begin();
}

void TestRunner::OnMessage(runner::v1::RunnerMessage message) {
  MutexLock lock(mutex_);
  if (message.has_listing_complete()) listed_ = true;
  if (message.has_verdict()) verdict_ = message.verdict();
  if (message.has_state()) {
    Seen& seen = seen_[SpoolFileName(message.state().key())];
    ++seen.count;
    seen.newest = message.state();
  }
  changed_.NotifyAll();
}

v1::JobSpec TestRunner::Spec(const std::vector<std::string>& arguments) {
  v1::JobSpec spec = MakeSpec("demo", {kRunnerTarget});
  spec.mutable_command()->clear_arguments();
  for (const std::string& argument : arguments) {
    spec.mutable_command()->add_arguments(argument);
  }
  return spec;
}

v1::AttemptKey TestRunner::KeyOf(const v1::JobSpec& spec) {
  v1::AttemptKey key;
  key.set_job_uuid(spec.job_uuid());
  key.set_attempt(spec.attempt());
  key.set_target(kRunnerTarget);
  return key;
}

v1::AttemptKey TestRunner::Start(const v1::JobSpec& spec) {
  WaitForListing();
  client_->Start(MakeStart(spec, alice_));
  return KeyOf(spec);
}

runner::v1::StartAttempt MakeStart(const v1::JobSpec& spec,
                                   const Credentials& by) {
  runner::v1::StartAttempt start;
  *start.mutable_key() = TestRunner::KeyOf(spec);
  start.set_envelope(
      SignAnything(spec.SerializeAsString(), by).SerializeAsString());
  *start.mutable_proof() = MakeTargetProof(*MakeTargetTree({kRunnerTarget}), 0);
  return start;
}

v1::AttemptVerdict TestRunner::Check(const v1::JobSpec& spec) {
  WaitForListing();
  runner::v1::StartAttempt start = MakeStart(spec, alice_);
  start.set_check_only(true);
  client_->Start(std::move(start));
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  MutexLock lock(mutex_);
  while (!verdict_.has_value()) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left.count() <= 0) Die("waited in vain for a verdict");
    changed_.WaitFor(mutex_, left);
  }
  return *std::exchange(verdict_, std::nullopt);
}

runner::v1::AttemptState TestRunner::Run(const v1::JobSpec& spec) {
  return WaitForEnd(Start(spec));
}

runner::v1::AttemptState TestRunner::RunShell(const std::string& text) {
  return Run(Spec({"/bin/sh", "-c", text}));
}

runner::v1::AttemptState TestRunner::WaitFor(
    const v1::AttemptKey& key,
    const std::function<bool(const runner::v1::AttemptState&)>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  MutexLock lock(mutex_);
  while (true) {
    const Seen& seen = seen_[SpoolFileName(key)];
    if (seen.count > 0 && condition(seen.newest)) return seen.newest;
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left.count() <= 0) Die("waited in vain: " + seen.newest.DebugString());
    changed_.WaitFor(mutex_, left);
  }
}

runner::v1::AttemptState TestRunner::WaitForEnd(const v1::AttemptKey& key) {
  return WaitFor(key, [](const runner::v1::AttemptState& state) {
    return IsFinal(state.status().state());
  });
}

int TestRunner::StatesSeen(const v1::AttemptKey& key) const {
  MutexLock lock(mutex_);
  const auto found = seen_.find(SpoolFileName(key));
  return found == seen_.end() ? 0 : found->second.count;
}

void TestRunner::WaitForListing() {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  MutexLock lock(mutex_);
  while (!listed_) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left.count() <= 0) Die("no listing came");
    changed_.WaitFor(mutex_, left);
  }
}

std::vector<runner::v1::AttemptState> TestRunner::States() {
  WaitForListing();
  MutexLock lock(mutex_);
  std::vector<runner::v1::AttemptState> states;
  for (const auto& [name, seen] : seen_) states.push_back(seen.newest);
  return states;
}

void TestRunner::ForgetStates() {
  MutexLock lock(mutex_);
  seen_.clear();
  listed_ = false;
}

std::string TestRunner::SpoolPath(const v1::AttemptKey& key) const {
  return options_.state_directory + "/spool/" + SpoolFileName(key);
}

std::string TestRunner::Output(const v1::AttemptKey& key,
                               v1::OutputStream stream) {
  const runner::v1::AttemptState state =
      WaitFor(key, [](const runner::v1::AttemptState&) { return true; });
  std::string output;
  absl::StatusOr<SpoolReader> reader = SpoolReader::Open(SpoolPath(key));
  if (!reader.ok()) return output;
  uint64_t position = state.start_position();
  while (position < state.end_position()) {
    const absl::StatusOr<SpoolReader::Batch> batch =
        reader->Read(position, state.end_position(), 1 << 20);
    if (!batch.ok()) Die(TextOf(batch.status()));
    for (const v1::OutputChunk& chunk : batch->chunks) {
      if (chunk.stream() == stream) output += chunk.data();
    }
    position = batch->next_position;
  }
  return output;
}

}  // namespace tutti::testing
