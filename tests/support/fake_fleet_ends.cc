#include "tests/support/fake_fleet_ends.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "common/jobs/attempt_key.h"
#include "common/jobs/states.h"
#include "common/relay/attempt.h"

namespace tutti::testing {
namespace {

constexpr uint64_t kCredit = 1 << 20;

int Random(std::mt19937& random, int below) {
  return static_cast<int>(random() % static_cast<unsigned>(below));
}

}  // namespace

void FakeRunner::Report(const Attempt& attempt) {
  auto& state = *out.emplace_back().mutable_state();
  *state.mutable_key() = attempt.key;
  *state.mutable_status() = attempt.status;
  state.set_end_position(spool_.End(attempt.key));
}

void FakeRunner::Take(const FakeRunnerPort::Message& message) {
  const std::string name = KeyBytes(message.key);
  const auto found = attempts_.find(name);
  switch (message.verb) {
    case FakeRunnerPort::Verb::kStart:
      if (found == attempts_.end()) {
        Attempt& attempt = attempts_[name];
        attempt.key = message.key;
        attempt.status.set_state(v1::TASK_STATE_RUNNING);
        attempt.writes_left = Random(random_, 3) * Random(random_, 60);
        attempt.write_size = Random(random_, 4) == 0 ? 60'000 : 300;
        ++starts[name];
        return;
      }
      Report(found->second);
      return;
    case FakeRunnerPort::Verb::kStop:
      if (found == attempts_.end()) return;
      if (IsFinal(found->second.status.state())) return;
      found->second.status.set_state(v1::TASK_STATE_STOPPED);
      Report(found->second);
      return;
    case FakeRunnerPort::Verb::kInput:
      // Nothing here reads.
      return;
    case FakeRunnerPort::Verb::kSuspend:
      if (found == attempts_.end()) return;
      if (IsFinal(found->second.status.state())) return;
      found->second.status.set_state(message.suspend ? v1::TASK_STATE_SUSPENDED
                                                     : v1::TASK_STATE_RUNNING);
      Report(found->second);
      return;
    case FakeRunnerPort::Verb::kAcknowledge:
      return;
    case FakeRunnerPort::Verb::kRelease:
      if (found != attempts_.end()) found->second.released = true;
      return;
  }
}

void FakeRunner::Step() {
  std::vector<Attempt*> live;
  for (auto& [name, attempt] : attempts_) {
    if (attempt.status.state() == v1::TASK_STATE_RUNNING) {
      live.push_back(&attempt);
    }
  }
  if (live.empty()) return;
  Attempt& attempt = *live[random_() % live.size()];
  if (attempt.writes_left-- > 0) {
    const auto stream = Random(random_, 3) == 0 ? v1::OUTPUT_STREAM_STDERR
                                                : v1::OUTPUT_STREAM_STDOUT;
    const size_t size = 1 + random_() % attempt.write_size;
    spool_.Append(attempt.key, stream,
                  std::string(size, static_cast<char>('a' + random_() % 26)));
    // Several writes may be told of at once.
    if (Random(random_, 3) == 0) return;
  } else {
    attempt.status.set_state(v1::TASK_STATE_COMPLETED);
    attempt.status.mutable_outcome()->set_exit_status(0);
  }
  Report(attempt);
}

void FakeRunner::List() {
  out.clear();
  out.emplace_back().mutable_welcome()->set_version(1);
  for (const auto& [name, attempt] : attempts_) {
    if (!attempt.released) Report(attempt);
  }
  out.emplace_back().mutable_listing_complete();
}

int FakeRunner::held() const {
  return static_cast<int>(
      std::count_if(attempts_.begin(), attempts_.end(),
                    [](const auto& entry) { return !entry.second.released; }));
}

bool FakeRunner::all_final() const {
  return std::all_of(attempts_.begin(), attempts_.end(), [](const auto& entry) {
    return IsFinal(entry.second.status.state());
  });
}

void FakeController::Breach(const Task& task, std::string text) {
  breaches.push_back(fmt::format("{}: {}", task.key.target(), text));
}

void FakeController::SendAssignment(const Task& task) {
  v1::AssignTask& assign = *out.emplace_back().mutable_assign();
  *assign.mutable_key() = task.key;
  assign.set_envelope("signed");
}

void FakeController::Assign(const v1::AttemptKey& key) {
  Task& task = tasks_[KeyBytes(key)];
  task.key = key;
  SendAssignment(task);
}

void FakeController::Stop(const v1::AttemptKey& key) {
  const auto found = tasks_.find(KeyBytes(key));
  if (found == tasks_.end() || found->second.final) return;
  found->second.stop = true;
  *out.emplace_back().mutable_directives()->add_attempts() =
      Direct(found->second);
}

void FakeController::Suspend(const v1::AttemptKey& key, bool suspend) {
  const auto found = tasks_.find(KeyBytes(key));
  if (found == tasks_.end() || found->second.final) return;
  found->second.suspend = suspend;
  *out.emplace_back().mutable_directives()->add_attempts() =
      Direct(found->second);
}

void FakeController::ResumeAll() {
  for (auto& [name, task] : tasks_) {
    if (task.suspend) Suspend(task.key, false);
  }
}

v1::AttemptDirective FakeController::Direct(Task& task) {
  v1::AttemptDirective directive;
  *directive.mutable_key() = task.key;
  directive.set_desired(task.final     ? v1::DESIRED_STATE_FORGET
                        : task.stop    ? v1::DESIRED_STATE_STOP
                        : task.suspend ? v1::DESIRED_STATE_SUSPEND
                                       : v1::DESIRED_STATE_RUN);
  directive.set_acknowledged_position(task.expected);
  task.acknowledged = task.expected;
  task.granted = task.expected + kCredit;
  directive.set_credit_position(task.granted);
  return directive;
}

void FakeController::TakeSession(const v1::SessionRequest& request) {
  if (request.has_report()) {
    for (const auto& report : request.report().attempts()) TakeReport(report);
    return;
  }
  out.clear();
  std::set<std::string> listed;
  v1::ControllerWelcome& welcome = *out.emplace_back().mutable_welcome();
  for (const auto& report : request.hello().attempts()) {
    const std::string name = KeyBytes(report.key());
    listed.insert(name);
    *welcome.add_directives() = Direct(tasks_[name]);
    TakeReport(report);
  }
  for (auto& [name, task] : tasks_) {
    if (listed.count(name) > 0 || task.final) continue;
    SendAssignment(task);
    if (task.stop || task.suspend) {
      *out.emplace_back().mutable_directives()->add_attempts() = Direct(task);
    }
  }
}

void FakeController::TakeReport(const v1::AttemptReport& report) {
  Task& task = tasks_[KeyBytes(report.key())];
  for (const auto& chunk : report.output()) TakeChunk(task, chunk);
  if (!IsFinal(report.status().state())) return;
  task.ended = true;
  if (task.final) return;
  if (report.end_position() > std::max(task.expected, kLogHeaderBytes)) {
    Breach(task, fmt::format("final at {} before its output, which is at {}",
                             report.end_position(), task.expected));
  }
  for (const auto stream :
       {v1::OUTPUT_STREAM_STDOUT, v1::OUTPUT_STREAM_STDERR}) {
    if (task.received[stream] != spool_.Content(task.key, stream)) {
      Breach(task, fmt::format("stream {} differs", stream));
    }
  }
}

void FakeController::TakeOutput(const v1::SendOutputRequest& request) {
  Task& task = tasks_[KeyBytes(request.key())];
  for (const auto& chunk : request.output()) {
    const uint64_t limit = std::max(task.granted, kCredit + kLogHeaderBytes);
    if (chunk.position() > limit) Breach(task, "sent beyond its credit");
    TakeChunk(task, chunk);
  }
}

void FakeController::TakeChunk(Task& task, const v1::OutputChunk& chunk) {
  const uint64_t expected = std::max(task.expected, kLogHeaderBytes);
  if (chunk.position() < expected) {
    if (chunk.next_position() > expected) {
      Breach(task, "a chunk is partly old and partly new");
    }
    return;
  }
  if (chunk.position() > expected) {
    Breach(task,
           fmt::format("a gap from {} to {}", expected, chunk.position()));
    return;
  }
  task.received[chunk.stream()] += chunk.data();
  task.expected = chunk.next_position();
}

void FakeController::Flush() {
  v1::ControllerDirectives directives;
  for (auto& [name, task] : tasks_) {
    const bool journaled = task.ended && Random(random_, 2) == 0;
    if (!journaled && task.expected == task.acknowledged) continue;
    if (journaled) {
      task.final = true;
      task.ended = false;
    }
    *directives.add_attempts() = Direct(task);
  }
  if (directives.attempts_size() == 0) return;
  *out.emplace_back().mutable_directives() = std::move(directives);
}

void FakeController::Restart() {
  out.clear();
  for (auto& [name, task] : tasks_) {
    task.expected = task.acknowledged = task.granted = 0;
    task.received.clear();
    task.ended = false;
  }
}

bool FakeController::all_final() const {
  return std::all_of(tasks_.begin(), tasks_.end(),
                     [](const auto& entry) { return entry.second.final; });
}

}  // namespace tutti::testing
