#include "controller/cli/connection.h"

#include <algorithm>
#include <vector>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "controller/cli/exit_status.h"

namespace tutti::cli {
namespace {

constexpr absl::Duration kExplainTimeout = absl::Seconds(3);

std::string Day(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M UTC", time, absl::UTCTimeZone());
}

absl::Status CheckCertificate(const Certificate& certificate, Role role,
                              const std::string& path, Context& context) {
  const absl::Time now = context.clock.Now();
  if (certificate.not_after() <= now) {
    return WithExitStatus(
        FailedPrecondition(
            "your certificate {} expired on {}; ask whoever keeps the "
            "operators' authority for a new one",
            path, Day(certificate.not_after())),
        kExitUnreachable);
  }
  if (certificate.not_before() > now) {
    return WithExitStatus(
        FailedPrecondition("your certificate {} is not valid before {}; check "
                           "this host's clock",
                           path, Day(certificate.not_before())),
        kExitUnreachable);
  }
  const absl::Duration left = certificate.not_after() - now;
  // An agent's or a token's is short-lived by nature, and wrong here anyway:
  // that is for the controller to say.
  if (role == Role::kOperator && left < kCertificateWarning) {
    Warn(context,
         fmt::format("your certificate {} ends in {}; ask whoever keeps the "
                     "operators' authority for a new one",
                     path, tutti::FormatDuration(left)));
  }
  return absl::OkStatus();
}

// Waits until `channel` is connected or has failed once.
bool WaitUntilConnected(grpc::Channel& channel, absl::Time deadline) {
  while (true) {
    const grpc_connectivity_state state =
        channel.GetState(/*try_to_connect=*/true);
    if (state == GRPC_CHANNEL_READY) return true;
    if (state == GRPC_CHANNEL_TRANSIENT_FAILURE ||
        state == GRPC_CHANNEL_SHUTDOWN) {
      return false;
    }
    if (!channel.WaitForStateChange(state, absl::ToChronoTime(deadline))) {
      return false;
    }
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(Context& context) {
  // What gRPC has to say about a failure, Explain says in words of ours.
  SetUpGrpc(GrpcLog::kSilent);
  TUTTI_ASSIGN_OR_RETURN(FleetConfiguration fleet, LoadFleet(context.options));
  TUTTI_RETURN_IF_ERROR(CheckFiles(fleet));
  TUTTI_ASSIGN_OR_RETURN(Credentials credentials,
                         LoadCredentials(fleet.certificate, fleet.key));
  const Certificate& certificate = credentials.certificates.front();
  TUTTI_ASSIGN_OR_RETURN(Identity identity, certificate.identity());
  TUTTI_RETURN_IF_ERROR(
      CheckCertificate(certificate, identity.role, fleet.certificate, context));
  ClientTls tls;
  tls.fleet = fleet.fleet;
  tls.certificates_pem = credentials.CertificatesPem();
  tls.key_pem = credentials.key.ToPem();
  TUTTI_ASSIGN_OR_RETURN(tls.controller_authority_pem,
                         ReadFile(fleet.controller_authority));
  return std::unique_ptr<Connection>(
      new Connection(std::move(fleet), std::move(credentials),
                     std::move(identity), std::move(tls)));
}

absl::Status Connection::Connect(absl::Duration timeout) {
  if (channel_ != nullptr) return absl::OkStatus();
  for (size_t i = 0; i < fleet_.controllers.size(); ++i) {
    auto channel = Dial(fleet_.controllers[i]);
    if (!WaitUntilConnected(*channel, absl::Now() + timeout)) continue;
    channel_ = std::move(channel);
    chosen_ = i;
    return absl::OkStatus();
  }
  return ExplainAll(std::min(timeout, kExplainTimeout));
}

std::shared_ptr<grpc::Channel> Connection::DialNext() {
  chosen_ = (chosen_ + 1) % fleet_.controllers.size();
  channel_ = Dial(address());
  return channel_;
}

std::shared_ptr<grpc::Channel> Connection::Dial(const std::string& address) {
  if (channel_credentials_ == nullptr) {
    channel_credentials_ = MakeChannelCredentials(tls_);
  }
  return grpc::CreateCustomChannel(
      address, channel_credentials_,
      MakeChannelArguments(/*own_connection=*/false));
}

absl::Status Connection::Explain(const grpc::Status& status,
                                 absl::Duration timeout) const {
  if (status.ok()) return absl::OkStatus();
  absl::Status error = FromGrpc(status);
  switch (error.code()) {
    case absl::StatusCode::kUnavailable:
      return ExplainAll(kExplainTimeout);
    case absl::StatusCode::kDeadlineExceeded:
      return WithExitStatus(
          MakeError(error.code(),
                    "controller {} did not answer within {}; see its log, or "
                    "try again",
                    address(), tutti::FormatDuration(timeout)),
          kExitUnreachable);
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return WithExitStatus(error, kExitUnreachable);
    case absl::StatusCode::kUnimplemented:
      return WithExitStatus(
          MakeError(error.code(),
                    "controller {} does not know this request; it runs "
                    "another version, compare `tutti version --controller`",
                    address()),
          kExitUnreachable);
    default:
      return error;
  }
}

absl::Status Connection::ExplainAll(absl::Duration timeout) const {
  std::string text;
  for (const std::string& address : fleet_.controllers) {
    const absl::Status reason = ExplainConnectFailure(address, tls_, timeout);
    // It speaks with us now: the failure was a passing one.
    if (reason.ok() && fleet_.controllers.size() == 1) {
      return WithExitStatus(
          Unavailable("controller {} closed the connection; try again",
                      address),
          kExitUnreachable);
    }
    if (reason.ok()) continue;
    if (!text.empty()) text += "\n";
    text += TextOf(reason);
  }
  if (text.empty()) text = "every controller closed the connection; try again";
  return WithExitStatus(absl::UnavailableError(text), kExitUnreachable);
}

bool IsPassing(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return true;
    default:
      return false;
  }
}

}  // namespace tutti::cli
