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
#include "agent/spool/spool_directory.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/lock_file.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/runner_client/runner_client.h"
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

// The runner's client behind the core's port.
class RunnerLine final : public RunnerPort {
 public:
  void Open(const std::string& socket, RunnerClient::Callbacks callbacks) {
    client_ = std::make_unique<RunnerClient>(socket, std::move(callbacks));
  }
  void Close() { client_.reset(); }

  void Start(const v1::AssignTask& task) override {
    client_->Start(ToStartAttempt(task));
  }
  void Stop(const v1::AttemptKey& key, const v1::StopRule& rule) override {
    client_->Stop(key, rule);
  }
  void Suspend(const v1::AttemptKey& key, bool suspend) override {
    client_->Suspend(key, suspend);
  }
  void GiveInput(const v1::AttemptKey& key, const std::string& chunk) override {
    client_->GiveInput(key, chunk);
  }
  void AcknowledgeOutput(const v1::AttemptKey& key,
                         uint64_t position) override {
    client_->AcknowledgeOutput(key, position);
  }
  void Release(const v1::AttemptKey& key) override { client_->Release(key); }

 private:
  std::unique_ptr<RunnerClient> client_;
};

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
  ~Daemon();

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
  void CheckRunner(const runner::v1::Welcome& welcome);
  void StartAgent();
  void Stop();
  // Now and then.
  void LookAtHost();
  void DescribeHostAnew();
  Renewal::Work PrepareRenewal();
  void Explain(const std::string& address, const ClientTls& tls);

  // A reload changes its labels; the rest of it counts from the start on.
  Configuration configuration_;
  HostDescription host_;
  SystemClock clock_;
  Executor executor_;
  RunnerLine runner_;
  SpoolDirectory spool_;
  Agent agent_;
  Renewal renewal_;
  Background explaining_;
  bool agent_started_ = false;
  bool runner_lost_ = false;
};

Daemon::Daemon(Configuration configuration)
    : configuration_(std::move(configuration)),
      host_(DescribeHost(configuration_.labels)),
      agent_(
          {host_, clock_, executor_, runner_, spool_},
          {.controllers = configuration_.controllers},
          [this] { return LoadTls(configuration_); },
          [this](const std::string& address, const ClientTls& tls) {
            Explain(address, tls);
          }),
      renewal_(clock_, executor_, [this] { return PrepareRenewal(); }) {}

Daemon::~Daemon() { runner_.Close(); }

absl::Status Daemon::Start() {
  TUTTI_ASSIGN_OR_RETURN(const Credentials credentials,
                         LoadIdentity(configuration_.identity_directory));
  TUTTI_RETURN_IF_ERROR(LoadTls(configuration_).status());
  renewal_.Start(credentials.certificates.front().renew_at());
  runner_.Open(
      configuration_.runner_socket,
      {.on_message =
           [this](runner::v1::RunnerMessage message) {
             executor_.Post([this, message = std::move(message)]() mutable {
               OnRunnerMessage(std::move(message));
             });
           },
       .on_disconnected =
           [this](absl::Status why) {
             executor_.Post(
                 [this, why = std::move(why)] { OnRunnerLost(why); });
           }});
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
  HostDescription now = DescribeHost(configuration_.labels);
  if (SameAttributes(now.attributes, host_.attributes)) return;
  host_ = std::move(now);
  agent_.OnAttributesChanged();
}

void Daemon::OnRunnerMessage(runner::v1::RunnerMessage message) {
  if (message.has_welcome()) {
    if (std::exchange(runner_lost_, false)) log::Info("the runner is back");
    CheckRunner(message.welcome());
    spool_.SetPath(message.welcome().spool_directory());
  }
  agent_.OnRunnerMessage(std::move(message));
  if (agent_.runner_ready()) StartAgent();
}

void Daemon::CheckRunner(const runner::v1::Welcome& welcome) {
  if (welcome.fleet() == configuration_.fleet &&
      welcome.target() == configuration_.name) {
    return;
  }
  log::Error(
      "the runner at {} is target '{}' of fleet '{}', but this agent is '{}' "
      "of '{}', so it will refuse every job; give both the same trust folder",
      configuration_.runner_socket, welcome.target(), welcome.fleet(),
      configuration_.name, configuration_.fleet);
}

void Daemon::OnRunnerLost(const absl::Status& why) {
  runner_lost_ = true;
  log::Warning("no runner at {}: {}; assignments wait until it is back",
               configuration_.runner_socket, TextOf(why));
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
