// gRPC the way Tutti uses it: mutual TLS, identities, connection settings.
// docs/protocol.md says why each setting is as it is.
#ifndef COMMON_TRANSPORT_TRANSPORT_H_
#define COMMON_TRANSPORT_TRANSPORT_H_

#include <grpcpp/grpcpp.h>
#include <grpcpp/security/auth_context.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/identity/certificate.h"
#include "common/identity/identity.h"
#include "common/identity/identity_directory.h"

namespace tutti {

// What a client needs to speak to a controller.
struct ClientTls {
  std::string fleet;
  std::string certificates_pem;
  std::string key_pem;
  // PEM of the controllers' authority.
  std::string controller_authority_pem;
};

// Checks the controller by its identity (any controllers.FLEET), not by its
// DNS name. Static: a renewed certificate wants a new channel.
std::shared_ptr<grpc::ChannelCredentials> MakeChannelCredentials(
    const ClientTls& tls);

// Keepalive, flow-control window, no proxy, message sizes. With
// `own_connection` the channel shares no TCP connection with another one to
// the same address.
grpc::ChannelArguments MakeChannelArguments(bool own_connection);

// Server side: certificate and key from an identity folder, reloaded for new
// handshakes when `current` changes; clients must show a certificate of one of
// `client_authorities_path` (a PEM bundle). `processor` sees every call before
// any service does; null for none.
std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(
    const std::string& identity_directory,
    const std::string& client_authorities_path,
    const std::shared_ptr<grpc::AuthMetadataProcessor>& processor);

// Keepalive, flow-control window and message sizes of a server; a port that is
// taken is an error.
void ConfigureServer(grpc::ServerBuilder& builder);

// Who is at the other end: its single URI SAN, already verified by TLS.
// UNAUTHENTICATED when there is none, or more than one.
absl::StatusOr<Identity> PeerIdentity(const grpc::AuthContext& context);
// The certificate itself.
absl::StatusOr<Certificate> PeerCertificate(const grpc::AuthContext& context);

absl::Status FromGrpc(const grpc::Status& status);
// A text that is too long for gRPC, which would fail the call with an error of
// its own, is cut and ends in " …".
grpc::Status ToGrpc(const absl::Status& status);

enum class GrpcLog {
  // Into ours: its errors, many of which are a peer's, as warnings, the others
  // at debug level.
  kRedirected,
  // Nowhere, unless the environment has GRPC_VERBOSITY.
  kSilent,
};
// For the whole process. Call once, before any other use of gRPC and before
// there are threads, because it changes the environment.
void SetUpGrpc(GrpcLog log);

// Why `address` ("host:port") can not be spoken to, in one line with the
// remedy: nobody listens, the name is unknown, it speaks plain text, its
// certificate is expired or of another authority, ours is expired or refused.
// Makes a connection of its own, so call it only after a call failed with
// UNAVAILABLE. Never OK: when all is well by now, the text says so. Blocks for
// at most `timeout`, and the resolver's own time for a name.
absl::Status ExplainConnectFailure(const std::string& address,
                                   const ClientTls& tls,
                                   absl::Duration timeout);

}  // namespace tutti

#endif  // COMMON_TRANSPORT_TRANSPORT_H_
