#include "controller/server/controller_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>

#include <chrono>
#include <utility>

#include "absl/memory/memory.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/lock_file.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/targets/local_target.h"
#include "common/transport/transport.h"

namespace tutti::controller {
namespace {

// How long calls have to end by themselves before they are cancelled, and the
// core to answer them.
constexpr absl::Duration kDrainTime = absl::Seconds(2);
constexpr absl::Duration kCoreDrainTime = absl::Milliseconds(1500);

// As long as a client waits; a stranger that says nothing costs a descriptor
// until then.
constexpr int kHandshakeMilliseconds = 20'000;

absl::StatusOr<TrustStore> LoadOperators(const std::string& directory) {
  const std::string path = directory + "/authorities/operators.pem";
  TUTTI_ASSIGN_OR_RETURN(const std::string pem, ReadFile(path));
  absl::StatusOr<TrustStore> operators = TrustStore::FromPem(pem);
  if (!operators.ok()) return WithPrefix(path, operators.status());
  return operators;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ControllerServer>> ControllerServer::Start(
    const ControllerSettings& settings, const Clock& clock) {
  const std::string& directory = settings.directory;
  TUTTI_ASSIGN_OR_RETURN(
      FileDescriptor lock,
      LockFile(directory + "/controller.lock", "controller"));
  TUTTI_ASSIGN_OR_RETURN(
      std::unique_ptr<CertificateIssuer> issuer,
      CertificateIssuer::Load(directory, settings.certificate_life));
  // Before anything is served: an expired certificate would help nobody.
  issuer->RenewOwnIfDue(clock.Now());
  TUTTI_ASSIGN_OR_RETURN(TrustStore operators, LoadOperators(directory));
  TUTTI_ASSIGN_OR_RETURN(std::unique_ptr<SqliteJournal> journal,
                         SqliteJournal::Open(directory + "/journal.db"));
  TUTTI_ASSIGN_OR_RETURN(const JournalContents journaled, journal->Load());
  TUTTI_ASSIGN_OR_RETURN(std::unique_ptr<ContentStore> contents,
                         ContentStore::Open(directory + "/contents",
                                            settings.contents_limit, clock));
  TUTTI_ASSIGN_OR_RETURN(std::unique_ptr<Listener> listener,
                         Listener::Bind(settings.listen));
  auto server = absl::WrapUnique(new ControllerServer(
      std::move(lock), std::move(issuer), std::move(operators),
      std::move(journal), std::move(contents), std::move(listener), clock));
  TUTTI_RETURN_IF_ERROR(server->Serve(settings, journaled));
  return server;
}

ControllerServer::ControllerServer(FileDescriptor lock,
                                   std::unique_ptr<CertificateIssuer> issuer,
                                   TrustStore operators,
                                   std::unique_ptr<SqliteJournal> journal,
                                   std::unique_ptr<ContentStore> contents,
                                   std::unique_ptr<Listener> listener,
                                   const Clock& clock)
    : clock_(clock),
      lock_(std::move(lock)),
      issuer_(std::move(issuer)),
      core_thread_(clock),
      journal_(std::move(journal)),
      contents_(std::move(contents)),
      effects_(sessions_, watches_, *journal_, core_thread_, content_worker_,
               *contents_),
      verifier_(issuer_->fleet(), std::move(operators)),
      listener_(std::move(listener)),
      gate_(std::make_shared<Gate>(issuer_->fleet(),
                                   [this] { listener_->OnHandshakeDone(); })),
      agent_service_(core_thread_, worker_, effects_, sessions_, *issuer_,
                     clock),
      job_service_(core_thread_, worker_, verifier_, watches_, content_worker_,
                   *contents_, *issuer_, clock),
      agent_registry_service_(core_thread_),
      group_service_(core_thread_, effects_, clock),
      token_service_(core_thread_, worker_, effects_, *issuer_, clock),
      controller_service_(core_thread_, issuer_->fleet(), clock.Now()) {}

ControllerServer::~ControllerServer() {
  if (server_ != nullptr) Drain();
  // The journal answers to the core, so the core goes before it.
  core_thread_.Stop();
}

absl::Status ControllerServer::Serve(const ControllerSettings& settings,
                                     const JournalContents& contents) {
  TUTTI_RETURN_IF_ERROR(AgentRegistry::CheckLoadable(contents));
  auto core =
      std::make_unique<Core>(issuer_->fleet(), settings.core,
                             CoreClocks{clock_, steady_clock_}, effects_);
  core->Load(contents);
  const std::string& socket = settings.local_runner_socket;
  if (socket.empty() && core->registry().Find(kLocalTarget) != nullptr) {
    log::Warning(
        "local_runner_socket is empty: jobs on this host are not heard of any "
        "more, and count as lost in time; see docs/local.md");
    core->registry().RemoveLocalHost();
  }
  core_thread_.Start(std::move(core));
  if (!socket.empty()) {
    local_host_ = std::make_unique<LocalHost>(
        LocalHost::Options{.socket = socket, .fleet = issuer_->fleet()},
        core_thread_, sessions_);
  }
  TUTTI_RETURN_IF_ERROR(BuildServer(settings.directory));
  listener_->Start([this](FileDescriptor connection) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters
        parameters;
    parameters.fd = connection.Release();
    acceptor_->HandleNewConnection(&parameters);
  });
  return absl::OkStatus();
}

absl::Status ControllerServer::BuildServer(const std::string& directory) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  ConfigureServer(builder);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             kHandshakeMilliseconds);
  builder.RegisterService(&agent_service_);
  builder.RegisterService(&job_service_);
  builder.RegisterService(&agent_registry_service_);
  builder.RegisterService(&group_service_);
  builder.RegisterService(&token_service_);
  builder.RegisterService(&controller_service_);
  using ExternalConnection =
      grpc::ServerBuilder::experimental_type::ExternalConnectionType;
  acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
      ExternalConnection::FROM_FD,
      MakeServerCredentials(directory + "/identity",
                            directory + "/authorities/clients.pem", gate_));
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) {
    return Internal("gRPC can not serve; the log says why, at log_level debug");
  }
  return absl::OkStatus();
}

absl::Status ControllerServer::Reload(const ControllerSettings& settings) {
  TUTTI_ASSIGN_OR_RETURN(TrustStore operators,
                         LoadOperators(settings.directory));
  verifier_.SetOperators(std::move(operators));
  contents_->SetLimit(settings.contents_limit);
  core_thread_.Post([core_settings = settings.core](Core& core) {
    core.Configure(core_settings);
  });
  return absl::OkStatus();
}

void ControllerServer::Drain() {
  gate_->Close();
  listener_->Stop();
  if (local_host_ != nullptr) local_host_->Drain();
  core_thread_.Post([this](Core&) {
    const absl::Status why =
        Unavailable("the controller shuts down; come back later");
    sessions_.EndAll(why);
    watches_.EndAll(why);
  });
  core_thread_.RetireCoreAfter(kCoreDrainTime);
  server_->Shutdown(std::chrono::system_clock::now() +
                    absl::ToChronoMilliseconds(kDrainTime));
  server_.reset();
}

absl::Time ControllerServer::RenewCertificate() {
  return issuer_->RenewOwnIfDue(clock_.Now());
}

}  // namespace tutti::controller
