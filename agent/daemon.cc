#include "agent/daemon.h"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "agent/enroll/enroll.h"
#include "agent/host.h"
#include "agent/renewal/background.h"
#include "agent/renewal/renewal.h"
#include "agent/session/agent.h"
#include "common/base/errors.h"
#include "common/base/executor.h"
#include "common/base/files.h"
#include "common/base/lock_file.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/relay/runner_line.h"
#include "common/targets/attributes.h"
#include "common/transport/transport.h"

namespace tutti::agent {
namespace {

// The hello should tell what the runner has; without a runner the agent shows
// itself all the same.
constexpr absl::Duration kWaitForRunner = absl::Seconds(2);
// Addresses and memory change without telling.
constexpr absl::Duration kLookAtHostEvery = absl::Minutes(1);
constexpr absl::Duration kRenewTimeout = absl::Seconds(20);
constexpr absl::Duration kExplainTimeout = absl::Seconds(5);

absl::StatusOr<ClientTls> LoadTls(const Configuration& configuration) {
  TUTTI_ASSIGN_OR_RETURN(const Credentials credentials,
                         LoadIdentity(configuration.identity_directory));
  TUTTI_ASSIGN_OR_RETURN(
      std::string authority,
      ReadFile(configuration.trust_directory + "/controllers.pem"));
  return ClientTls{configuration.fleet, credentials.CertificatesPem(),
                   credentials.key.ToPem(), std::move(authority)};
}

class Daemon {
 public:
  explicit Daemon(Configuration configuration);

  absl::Status Start();
  // On the calling thread, until RequestStop.
  void Run() { executor_.Run(); }

  // Thread-safe.
  void RequestStop();
  void RequestReload(Configuration configuration);

  // A thread of ours still waits for something.
  bool busy() const { return renewal_.busy() || explaining_.busy(); }

 private:
  void OnRunnerMessage(runner::v1::RunnerMessage message);
  void OnRunnerLost(const absl::Status& why);
  void StartAgent();
  void Stop();
  // Now and then.
  void LookAtHost();
  void DescribeHostAnew();
  Renewal::Work PrepareRenewal();
  void Explain(const std::string& address, const ClientTls& tls);

  // A reload changes its labels; the rest of it counts from the start on.
  Configuration configuration_;
  relay::HostDescription host_;
  SystemClock clock_;
  Executor executor_;
  relay::RunnerLine runner_;
  Agent agent_;
  Renewal renewal_;
  Background explaining_;
  bool agent_started_ = false;
};

Daemon::Daemon(Configuration configuration)
    : configuration_(std::move(configuration)),
      host_(DescribeHost(configuration_.labels)),
      runner_(executor_, {configuration_.runner_socket, configuration_.fleet,
                          configuration_.name}),
      agent_(
          {host_, clock_, executor_, runner_, runner_.spool()},
          {.controllers = configuration_.controllers},
          [this] { return LoadTls(configuration_); },
          [this](const std::string& address, const ClientTls& tls) {
            Explain(address, tls);
          }),
      renewal_(clock_, executor_, [this] { return PrepareRenewal(); }) {}

absl::Status Daemon::Start() {
  TUTTI_ASSIGN_OR_RETURN(const Credentials credentials,
                         LoadIdentity(configuration_.identity_directory));
  TUTTI_RETURN_IF_ERROR(LoadTls(configuration_).status());
  renewal_.Start(credentials.certificates.front().renew_at());
  runner_.Open(
      {.on_message =
           [this](runner::v1::RunnerMessage message) {
             OnRunnerMessage(std::move(message));
           },
       .on_lost = [this](const absl::Status& why) { OnRunnerLost(why); }});
  executor_.PostAfter(kWaitForRunner, [this] { StartAgent(); });
  return absl::OkStatus();
}

void Daemon::StartAgent() {
  if (std::exchange(agent_started_, true)) return;
  agent_.Start();
  LookAtHost();
}

void Daemon::LookAtHost() {
  executor_.PostAfter(kLookAtHostEvery, [this] {
    DescribeHostAnew();
    LookAtHost();
  });
}

void Daemon::DescribeHostAnew() {
  relay::HostDescription now = DescribeHost(configuration_.labels);
  if (SameAttributes(now.attributes, host_.attributes)) return;
  host_ = std::move(now);
  agent_.OnAttributesChanged();
}

void Daemon::OnRunnerMessage(runner::v1::RunnerMessage message) {
  agent_.OnRunnerMessage(std::move(message));
  if (agent_.runner_ready()) StartAgent();
}

void Daemon::OnRunnerLost(const absl::Status& why) {
  log::Warning("no runner at {}: {}; assignments wait until it is back",
               runner_.socket(), TextOf(why));
  agent_.OnRunnerLost();
}

void Daemon::RequestStop() {
  executor_.Post([this] { Stop(); });
}

void Daemon::Stop() {
  agent_.Stop([this] { executor_.Stop(); });
}

void Daemon::RequestReload(Configuration configuration) {
  executor_.Post([this, configuration = std::move(configuration)]() mutable {
    agent_.link().SetControllers(std::move(configuration.controllers));
    configuration_.labels = std::move(configuration.labels);
    DescribeHostAnew();
    if (const auto status = log::SetLevel(configuration.log_level);
        !status.ok()) {
      log::Warning("{}", TextOf(status));
    }
    log::Info("reloaded the log level, the controllers and the labels");
  });
}

Renewal::Work Daemon::PrepareRenewal() {
  if (!agent_.link().welcomed() || agent_.link().channel() == nullptr) {
    return nullptr;
  }
  return [channel = agent_.link().channel(),
          directory = configuration_.identity_directory]()
             -> absl::StatusOr<absl::Time> {
    TUTTI_ASSIGN_OR_RETURN(const Credentials credentials,
                           RenewIdentity(channel, directory, kRenewTimeout));
    return credentials.certificates.front().renew_at();
  };
}

void Daemon::Explain(const std::string& address, const ClientTls& tls) {
  explaining_.Start([address, tls] {
    const absl::Status why =
        ExplainConnectFailure(address, tls, kExplainTimeout);
    if (!why.ok()) log::Warning("{}", TextOf(why));
  });
}

// Blocked in every thread, so that only WaitForSignal takes them.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&signals, signal);
  }
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

}  // namespace

absl::Status RunDaemon(
    const Configuration& configuration,
    absl::AnyInvocable<absl::StatusOr<Configuration>()> reload) {
  TUTTI_ASSIGN_OR_RETURN(
      const FileDescriptor lock,
      LockFile(configuration.identity_directory + "/agent.lock", "agent"));
  const sigset_t signals = BlockSignals();
  Daemon daemon(configuration);
  TUTTI_RETURN_IF_ERROR(daemon.Start());
  std::thread core([&] { daemon.Run(); });
  int received = 0;
  while (sigwait(&signals, &received) == 0 && received == SIGHUP) {
    auto configuration = reload();
    if (configuration.ok()) {
      daemon.RequestReload(*std::move(configuration));
    } else {
      log::Error("cannot reload: {}", TextOf(configuration.status()));
    }
  }
  log::Info("ending; jobs go on at the runner");
  daemon.RequestStop();
  core.join();
  // A renewal that waits for the controller has nothing to lose: what it
  // writes it writes atomically.
  if (daemon.busy()) _exit(EXIT_SUCCESS);
  return absl::OkStatus();
}

}  // namespace tutti::agent
