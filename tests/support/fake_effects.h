// What a core wants done, written down.
#ifndef TESTS_SUPPORT_FAKE_EFFECTS_H_
#define TESTS_SUPPORT_FAKE_EFFECTS_H_

#include <algorithm>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "controller/core/core.h"

namespace tutti::testing {

// Keeps everything until a test looks at it. Commits wait until the test lets
// them through; what got through is in journal(), as a later start would read
// it. Not thread-safe.
class FakeEffects final : public controller::Effects {
 public:
  void Send(controller::SessionId session,
            v1::SessionResponse response) override {
    sent[session].push_back(std::move(response));
  }
  void Assign(controller::SessionId session,
              controller::Assignment assignment) override {
    assigned[session].push_back(std::move(assignment));
  }
  void SendInput(controller::SessionId session,
                 controller::InputPiece piece) override {
    inputs[session].push_back(std::move(piece));
  }
  void ReadContent(
      controller::ContentStep step,
      absl::AnyInvocable<void(absl::StatusOr<controller::FedContent>)> done)
      override {
    content_steps.emplace_back(std::move(step), std::move(done));
  }
  void SendOutputCredit(controller::SessionId session,
                        v1::SendOutputResponse response) override {
    credits[session].push_back(std::move(response));
  }
  void EndSession(controller::SessionId session, absl::Status why) override {
    ended_sessions[session] = std::move(why);
  }
  void SendToWatch(controller::WatchId watch,
                   v1::WatchJobResponse response) override {
    watched[watch].push_back(std::move(response));
  }
  void EndWatch(controller::WatchId watch, absl::Status status) override {
    ended_watches[watch] = std::move(status);
  }
  void Commit(controller::JournalBatch batch,
              absl::AnyInvocable<void(absl::Status)> done) override {
    commits_.emplace_back(std::move(batch), std::move(done));
  }

  size_t waiting_commits() const { return commits_.size(); }
  // Lets the oldest commit through, or fails it.
  void CommitOne(absl::Status status = absl::OkStatus()) {
    auto [batch, done] = std::move(commits_.front());
    commits_.pop_front();
    if (status.ok()) Apply(batch);
    done(std::move(status));
  }
  // Lets them through until no more come.
  void CommitAll() {
    while (!commits_.empty()) CommitOne();
  }
  const controller::JournalContents& journal() const { return journal_; }

  std::map<controller::SessionId, std::vector<v1::SessionResponse>> sent;
  std::map<controller::SessionId, std::vector<controller::Assignment>> assigned;
  std::map<controller::SessionId, std::vector<controller::InputPiece>> inputs;
  // To be answered by the test.
  std::deque<std::pair<
      controller::ContentStep,
      absl::AnyInvocable<void(absl::StatusOr<controller::FedContent>)>>>
      content_steps;
  std::map<controller::SessionId, std::vector<v1::SendOutputResponse>> credits;
  std::map<controller::SessionId, absl::Status> ended_sessions;
  std::map<controller::WatchId, std::vector<v1::WatchJobResponse>> watched;
  std::map<controller::WatchId, absl::Status> ended_watches;

 private:
  template <typename Row>
  static void Append(std::vector<Row>& to, const std::vector<Row>& from) {
    to.insert(to.end(), from.begin(), from.end());
  }

  void Apply(const controller::JournalBatch& batch) {
    for (const auto& job : batch.new_jobs) {
      journal_.next_job_number = job.number + 1;
    }
    Append(journal_.jobs, batch.new_jobs);
    Append(journal_.attempts, batch.new_attempts);
    Append(journal_.assigned, batch.assigned);
    Append(journal_.outcomes, batch.outcomes);
    Append(journal_.steering, batch.steering);
    Append(journal_.agents, batch.agents);
    Append(journal_.tokens, batch.tokens);
    Append(journal_.groups, batch.groups);
    for (uint64_t number : batch.removed_jobs) {
      std::erase_if(journal_.jobs,
                    [&](const auto& job) { return job.number == number; });
    }
  }

  std::deque<std::pair<controller::JournalBatch,
                       absl::AnyInvocable<void(absl::Status)>>>
      commits_;
  controller::JournalContents journal_;
};

}  // namespace tutti::testing

#endif  // TESTS_SUPPORT_FAKE_EFFECTS_H_
