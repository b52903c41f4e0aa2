// The CLI's side of the wire.
#ifndef CONTROLLER_CLI_CONNECTION_H_
#define CONTROLLER_CLI_CONNECTION_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "common/identity/identity.h"
#include "common/identity/identity_directory.h"
#include "common/signing/envelope.h"
#include "common/transport/transport.h"
#include "controller/cli/command.h"
#include "controller/cli/configuration.h"

namespace tutti::cli {

// How long one call may take, and how long one controller may take to accept
// a connection.
inline constexpr absl::Duration kCallTimeout = absl::Seconds(30);
inline constexpr absl::Duration kConnectTimeout = absl::Seconds(5);
// An operator's certificate that ends sooner is warned about.
inline constexpr absl::Duration kCertificateWarning = absl::Hours(24 * 30);

// Whether another try may help after a call ended with this: the link was
// lost, or the controller.
bool IsPassing(grpc::StatusCode code);

// What a job has of an operator's, beside the credentials of its own.
struct DelegatedAccess {
  v1::SignedDelegation delegation;
  // The operator's.
  std::vector<Certificate> certificates;
  absl::Time expires_at;
};

// A fleet, who calls, and a channel to one of its controllers. Not
// thread-safe, but for what grpc::Channel allows with channel().
//
//   TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
//   TUTTI_ASSIGN_OR_RETURN(
//       auto jobs, connection->Call(&v1::JobService::Stub::ListJobs, request));
class Connection {
 public:
  // Reads configuration, certificate and key, or the pass of a delegation;
  // opens no connection. An expired
  // certificate is an error here, because from the controller it would only
  // show as a closed socket; one that ends soon is warned about.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(Context& context);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const FleetConfiguration& fleet() const { return fleet_; }
  // The certificate and key that are shown to the controller: an operator's, or
  // a delegate's.
  const Credentials& credentials() const { return credentials_; }
  // What jobs are signed with.
  JobSigner signer() const;
  // Null: an operator calls.
  const DelegatedAccess* delegated() const { return delegated_.get(); }
  const Identity& identity() const { return identity_; }
  // PEM of the controllers' authority.
  const std::string& controller_authority() const {
    return tls_.controller_authority_pem;
  }

  // Connects to the first controller that answers, in the order of the
  // configuration; without effect while connected. The error explains why
  // none did.
  absl::Status Connect(absl::Duration timeout = kConnectTimeout);
  // Forgets the channel, so that Connect begins with the first one again.
  void Disconnect() { channel_ = nullptr; }
  // Turns to the controller that the configuration names after the present
  // one, and after the last to the first. Waits for nothing: the channel
  // connects with its first call.
  std::shared_ptr<grpc::Channel> DialNext();
  // Null before Connect.
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  // "host:port" of the present controller.
  const std::string& address() const { return fleet_.controllers[chosen_]; }

  // One unary call, after Connect where that is still to be done.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      const std::type_identity_t<Request>& request,
      absl::Duration timeout = kCallTimeout) {
    TUTTI_RETURN_IF_ERROR(Connect());
    grpc::ClientContext call;
    call.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    Response response;
    Stub stub(channel_);
    const grpc::Status status = (stub.*method)(&call, request, &response);
    if (!status.ok()) return Explain(status, timeout);
    return response;
  }

  // An error of a call as one line with its remedy and its exit status. When
  // the link is at fault this makes a connection of its own to find out why,
  // so it may take a few seconds.
  absl::Status Explain(const grpc::Status& status,
                       absl::Duration timeout = kCallTimeout) const;

 private:
  Connection(FleetConfiguration fleet, Credentials credentials,
             Identity identity, ClientTls tls,
             std::unique_ptr<const DelegatedAccess> delegated)
      : fleet_(std::move(fleet)),
        credentials_(std::move(credentials)),
        identity_(std::move(identity)),
        tls_(std::move(tls)),
        delegated_(std::move(delegated)) {}
  static absl::StatusOr<std::unique_ptr<Connection>> OpenWithPass(
      const v1::DelegationPass& pass, Context& context);
  std::shared_ptr<grpc::Channel> Dial(const std::string& address);
  absl::Status ExplainAll(absl::Duration timeout) const;

  const FleetConfiguration fleet_;
  const Credentials credentials_;
  const Identity identity_;
  const ClientTls tls_;
  const std::unique_ptr<const DelegatedAccess> delegated_;
  std::shared_ptr<grpc::ChannelCredentials> channel_credentials_;
  std::shared_ptr<grpc::Channel> channel_;
  // Index of the present controller.
  size_t chosen_ = 0;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_CONNECTION_H_
