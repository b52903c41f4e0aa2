// A running controller.
#ifndef CONTROLLER_SERVER_CONTROLLER_SERVER_H_
#define CONTROLLER_SERVER_CONTROLLER_SERVER_H_

#include <grpcpp/grpcpp.h>
#include <grpcpp/server_builder.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/file_descriptor.h"
#include "controller/authorization/gate.h"
#include "controller/configuration/controller_settings.h"
#include "controller/contents/content_store.h"
#include "controller/core_thread/core_thread.h"
#include "controller/enrollment/certificate_issuer.h"
#include "controller/journal/sqlite_journal.h"
#include "controller/listener/listener.h"
#include "controller/local/local_host.h"
#include "controller/rpc/agent_registry_service.h"
#include "controller/rpc/agent_service.h"
#include "controller/rpc/controller_service.h"
#include "controller/rpc/group_service.h"
#include "controller/rpc/job_service.h"
#include "controller/rpc/job_verifier.h"
#include "controller/rpc/token_service.h"
#include "controller/rpc/watch_table.h"
#include "controller/rpc/worker_thread.h"
#include "controller/server/shell_effects.h"
#include "controller/sessions/session_table.h"

namespace tutti::controller {

// Wires the parts together. Used by one thread.
class ControllerServer {
 public:
  // Listens and serves when it returns. `clock` outlives it.
  static absl::StatusOr<std::unique_ptr<ControllerServer>> Start(
      const ControllerSettings& settings, const Clock& clock);
  // Drains.
  ~ControllerServer();
  ControllerServer(const ControllerServer&) = delete;
  ControllerServer& operator=(const ControllerServer&) = delete;

  // Takes up what can change without a restart: the core's settings and the
  // operators' authority. (Certificates are taken up by themselves.)
  absl::Status Reload(const ControllerSettings& settings);

  // Ends in an orderly way, within a few seconds: no new call, streams are
  // told to come back, calls that wait are answered, everything that was
  // decided is in the journal. Once.
  void Drain();

  // Renews the controller's own certificate when it is time; returns when to
  // call again.
  absl::Time RenewCertificate();

  const std::string& fleet() const { return issuer_->fleet(); }
  const std::vector<std::string>& addresses() const {
    return listener_->addresses();
  }
  uint16_t port() const { return listener_->port(); }

 private:
  ControllerServer(FileDescriptor lock,
                   std::unique_ptr<CertificateIssuer> issuer,
                   TrustStore operators, std::unique_ptr<SqliteJournal> journal,
                   std::unique_ptr<ContentStore> contents,
                   std::unique_ptr<Listener> listener, const Clock& clock);

  absl::Status Serve(const ControllerSettings& settings,
                     const JournalContents& contents);
  absl::Status BuildServer(const std::string& directory);

  // In the order in which they use each other: what is used comes first and
  // goes last.
  const Clock& clock_;
  const SteadyClock steady_clock_;
  const FileDescriptor lock_;
  const std::unique_ptr<CertificateIssuer> issuer_;
  CoreThread core_thread_;
  SessionTable sessions_;
  WatchTable watches_;
  const std::unique_ptr<SqliteJournal> journal_;
  const std::unique_ptr<ContentStore> contents_;
  // Reads and writes `contents_`.
  WorkerThread content_worker_;
  ShellEffects effects_;
  JobVerifier verifier_;
  WorkerThread worker_;
  const std::unique_ptr<Listener> listener_;
  // Null: no local jobs.
  std::unique_ptr<LocalHost> local_host_;
  // Shared with gRPC, which wants it so.
  const std::shared_ptr<Gate> gate_;

  AgentService agent_service_;
  JobService job_service_;
  AgentRegistryService agent_registry_service_;
  GroupService group_service_;
  TokenService token_service_;
  ControllerService controller_service_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_SERVER_CONTROLLER_SERVER_H_
