#include "agent/runner/server/condition_check.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>
#include <variant>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/jobs/query_exit.h"
#include "common/jobs/query_limits.h"
#include "common/text/lines.h"
#include "fmt/format.h"

namespace tutti::runner {
namespace {

// A message of a query has a line or two.
constexpr size_t kMostSaid = 4096;

ConditionAnswer Failure(std::string_view why) {
  ConditionAnswer answer;
  answer.failure = fmt::format("its condition (--where) has no answer: {}",
                               why.empty() ? "it said nothing" : why);
  return answer;
}

ConditionAnswer AnswerOf(const MainEnd& end, std::string_view said) {
  if (!end.lost_because.empty()) return Failure(end.lost_because);
  if (!WIFEXITED(end.wait_status)) {
    const int signal = WTERMSIG(end.wait_status);
    return Failure(signal == SIGALRM
                       ? fmt::format("it took longer than {}; ask for less",
                                     tutti::FormatDuration(kLongestCondition))
                       : fmt::format("ended by signal {}", signal));
  }
  switch (WEXITSTATUS(end.wait_status)) {
    case kExitYielded:
      return {.holds = true, .failure = ""};
    case 0:
      return {};
    default:
      return Failure(Trimmed(said));
  }
}

}  // namespace

void MakeQuestion(Launch& query) {
  query.arguments.insert(query.arguments.begin() + 1, "--exists");
}

ConditionCheck::~ConditionCheck() {
  loop_.Remove(watch_);
  if (!done_) Leave();
}

void ConditionCheck::Start(ProcessLauncher& launcher,
                           std::unique_ptr<Launch> question) {
  launcher.Start(
      std::move(question),
      {.on_main_ended = [this](const MainEnd& end,
                               bool left) { OnMainEnded(end, left); },
       .on_empty = [](uint32_t) {}},
      [this](ProcessLauncher::Started started) {
        OnStarted(std::move(started));
      });
}

void ConditionCheck::OnStarted(ProcessLauncher::Started started) {
  if (auto* failure = std::get_if<StartFailure>(&started)) {
    return Answer(Failure(failure->reason));
  }
  auto& process = std::get<LaunchedProcess>(started);
  tree_ = std::move(process.tree);
  error_ = std::move(process.streams.error);
  if (stopped_) {
    Leave();
    return Answer({});
  }
  absl::StatusOr<EventLoop::Watch> watch =
      loop_.Add(error_.get(), EPOLLIN, [this](uint32_t) { ReadError(); });
  if (!watch.ok()) {
    Leave();
    return Answer(Failure(TextOf(watch.status())));
  }
  watch_ = *watch;
}

void ConditionCheck::Leave() {
  if (tree_ == nullptr) return;
  tree_->Kill();
  tree_->Abandon();
}

void ConditionCheck::Stop() {
  stopped_ = true;
  if (tree_ == nullptr || done_) return;
  Leave();
  done_ = true;
}

void ConditionCheck::ReadError() {
  char buffer[1024];
  while (error_.valid()) {
    const ssize_t got = read(error_.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      loop_.Remove(watch_);
      error_.Reset();
      return;
    }
    const size_t room = kMostSaid - std::min(said_.size(), kMostSaid);
    said_.append(buffer, std::min(static_cast<size_t>(got), room));
  }
}

void ConditionCheck::OnMainEnded(const MainEnd& end, bool others_left) {
  ReadError();
  if (others_left) Leave();
  Answer(AnswerOf(end, said_));
}

void ConditionCheck::Answer(const ConditionAnswer& answer) {
  done_ = true;
  on_answer_(answer);
}

}  // namespace tutti::runner
