#include "common/relay/runner_line.h"

#include <utility>

#include "common/base/log.h"

namespace tutti::relay {

void RunnerLine::Open(Callbacks callbacks) {
  callbacks_ = std::move(callbacks);
  client_ = std::make_unique<RunnerClient>(
      options_.socket,
      RunnerClient::Callbacks{
          .on_message =
              [this](runner::v1::RunnerMessage message) {
                executor_.Post([this, message = std::move(message)]() mutable {
                  OnMessage(std::move(message));
                });
              },
          .on_disconnected =
              [this](absl::Status why) {
                executor_.Post([this, why = std::move(why)] { OnLost(why); });
              }});
}

void RunnerLine::OnMessage(runner::v1::RunnerMessage message) {
  if (message.has_welcome()) {
    if (std::exchange(lost_, false)) {
      log::Info("the runner at {} is back", options_.socket);
    }
    foreign_ = !IsOurs(message.welcome()) && options_.only_ours;
    spool_.SetPath(message.welcome().spool_directory());
  }
  if (!foreign_) callbacks_.on_message(std::move(message));
}

void RunnerLine::OnLost(const absl::Status& why) {
  lost_ = true;
  callbacks_.on_lost(why);
}

bool RunnerLine::IsOurs(const runner::v1::Welcome& welcome) const {
  if (welcome.fleet() == options_.fleet &&
      welcome.target() == options_.target) {
    return true;
  }
  log::Error(
      "the runner at {} is target '{}' of fleet '{}' rather than '{}' of '{}', "
      "so {}; give it the right trust folder",
      options_.socket, welcome.target(), welcome.fleet(), options_.target,
      options_.fleet,
      options_.only_ours ? "it is left alone" : "it will refuse every job");
  return false;
}

}  // namespace tutti::relay
