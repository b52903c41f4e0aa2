#include "controller/local/local_host.h"

#include <unistd.h>

#include <climits>
#include <utility>

#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/targets/local_target.h"

namespace tutti::controller {
namespace {

// So that what goes wrong again and again does so slowly.
constexpr absl::Duration kReopenAfter = absl::Milliseconds(500);

relay::HostDescription DescribeThisHost() {
  char name[HOST_NAME_MAX + 1] = {};
  gethostname(name, HOST_NAME_MAX);
  return {.agent_version = TUTTI_VERSION,
          .boot_id = "",
          .host_name = name,
          .operating_system = "Linux",
          .attributes = {}};
}

}  // namespace

LocalHost::LocalHost(Options options, CoreThread& core_thread,
                     SessionTable& sessions)
    : core_thread_(core_thread),
      sessions_(sessions),
      host_(DescribeThisHost()),
      runner_(executor_, {.socket = std::move(options.socket),
                          .fleet = std::move(options.fleet),
                          .target = std::string(kLocalTarget),
                          .only_ours = true}),
      relay_(host_, executor_, *this, runner_, runner_.spool()) {
  runner_.Open(
      {.on_message =
           [this](runner::v1::RunnerMessage message) {
             OnRunnerMessage(std::move(message));
           },
       .on_lost = [this](const absl::Status& why) { OnRunnerLost(why); }});
  thread_ = std::thread([this] { executor_.Run(); });
}

LocalHost::~LocalHost() {
  executor_.Stop();
  thread_.join();
}

void LocalHost::Drain() {
  executor_.Post([this] {
    draining_ = true;
    CloseSession();
  });
}

void LocalHost::OnRunnerMessage(runner::v1::RunnerMessage message) {
  relay_.Tell().OnRunnerMessage(std::move(message));
  OpenSession();
}

void LocalHost::OnRunnerLost(const absl::Status& why) {
  log::Info("no local jobs for now: {}; see docs/local.md", TextOf(why));
  relay_.Tell().OnRunnerLost();
  CloseSession();
}

void LocalHost::OpenSession() {
  if (session_ != nullptr || draining_ || reopening_ ||
      !relay_.runner_ready()) {
    return;
  }
  LocalSession::Listener& listener = *this;
  session_ = std::make_shared<LocalSession>(executor_, core_thread_, sessions_,
                                            listener);
  relay_.Tell().OnSessionOpened();
}

void LocalHost::CloseSession() {
  if (session_ == nullptr) return;
  session_->Close();
  session_ = nullptr;
  relay_.Tell().OnSessionClosed();
}

void LocalHost::SendHello(v1::AgentHello hello) {
  session_->SendHello(std::move(hello));
}

bool LocalHost::SendReport(v1::AgentReport report) {
  return session_->SendReport(std::move(report));
}

bool LocalHost::SendOutput(v1::SendOutputRequest request) {
  return session_->SendOutput(std::move(request));
}

void LocalHost::RestartSession(const absl::Status& why) { session_->End(why); }

void LocalHost::OnSessionMessage(v1::SessionResponse message) {
  relay_.Tell().OnSessionMessage(std::move(message));
}

void LocalHost::OnCredit(const v1::SendOutputResponse& message) {
  relay_.Tell().OnBulkMessage(message);
}

void LocalHost::OnReportsWritable() { relay_.Tell().OnSessionWritable(); }

void LocalHost::OnOutputWritable() { relay_.Tell().OnBulkWritable(); }

void LocalHost::OnEnded(const absl::Status& why) {
  log::Warning("the session of '{}' ended: {}", kLocalTarget, TextOf(why));
  CloseSession();
  reopening_ = true;
  executor_.PostAfter(kReopenAfter, [this] {
    reopening_ = false;
    OpenSession();
  });
}

}  // namespace tutti::controller
