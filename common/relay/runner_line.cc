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
    CheckRunner(message.welcome());
    spool_.SetPath(message.welcome().spool_directory());
  }
  callbacks_.on_message(std::move(message));
}

void RunnerLine::OnLost(const absl::Status& why) {
  lost_ = true;
  callbacks_.on_lost(why);
}

void RunnerLine::CheckRunner(const runner::v1::Welcome& welcome) const {
  if (welcome.fleet() == options_.fleet &&
      welcome.target() == options_.target) {
    return;
  }
  log::Error(
      "the runner at {} is target '{}' of fleet '{}' rather than '{}' of '{}', "
      "so it will refuse every job; give it the right trust folder",
      options_.socket, welcome.target(), welcome.fleet(), options_.target,
      options_.fleet);
}

}  // namespace tutti::relay
