#include "common/relay/checks.h"

#include <utility>

#include "common/jobs/attempt_key.h"

namespace tutti::relay {

void Checks::Ask(std::unique_ptr<v1::AssignTask> question, bool ready) {
  if (ready) runner_.Start(*question);
  questions_[KeyBytes(question->key())] = std::move(question);
}

void Checks::AskAgain() {
  for (const auto& [unused, question] : questions_) runner_.Start(*question);
}

void Checks::Drop(const v1::AttemptKey& key) {
  questions_.erase(KeyBytes(key));
}

void Checks::OnVerdict(v1::AttemptVerdict verdict) {
  if (questions_.erase(KeyBytes(verdict.key())) == 0) return;
  verdicts_.push_back(std::move(verdict));
}

void Checks::OnSessionClosed() {
  questions_.clear();
  verdicts_.clear();
}

void Checks::TakeVerdicts(v1::AgentReport& report) {
  for (v1::AttemptVerdict& verdict : verdicts_) {
    *report.add_verdicts() = std::move(verdict);
  }
  verdicts_.clear();
}

}  // namespace tutti::relay
