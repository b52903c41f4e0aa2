#include "controller/cli/connection.h"

#include <algorithm>
#include <vector>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/signing/delegation.h"
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

// What a pass comes to.
struct PassContent {
  Credentials credentials;
  std::unique_ptr<const DelegatedAccess> access;
};

absl::StatusOr<std::vector<Certificate>> ReadCertificates(
    const google::protobuf::RepeatedPtrField<std::string>& ders) {
  std::vector<Certificate> certificates;
  certificates.reserve(ders.size());
  for (const std::string& der : ders) {
    TUTTI_ASSIGN_OR_RETURN(Certificate certificate, Certificate::FromDer(der));
    certificates.push_back(std::move(certificate));
  }
  if (!certificates.empty()) return certificates;
  return InvalidArgument("a certificate is missing; start the job anew");
}

absl::StatusOr<PassContent> ReadPass(const v1::DelegationPass& pass) {
  TUTTI_ASSIGN_OR_RETURN(PrivateKey key, PrivateKey::FromPem(pass.key()));
  TUTTI_ASSIGN_OR_RETURN(std::vector<Certificate> own,
                         ReadCertificates(pass.certificates()));
  auto access = std::make_unique<DelegatedAccess>();
  TUTTI_ASSIGN_OR_RETURN(access->certificates,
                         ReadCertificates(pass.operator_certificates()));
  TUTTI_ASSIGN_OR_RETURN(
      const OpenedDelegation opened,
      OpenDelegation(pass.delegation(), access->certificates.front()));
  access->delegation = pass.delegation();
  access->expires_at = ToTime(opened.bounds.expires_at());
  return PassContent{Credentials{std::move(own), std::move(key)},
                     std::move(access)};
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
  TUTTI_ASSIGN_OR_RETURN(const auto pass, FindPass(context.options));
  if (pass.has_value()) return OpenWithPass(*pass, context);
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
                     std::move(identity), std::move(tls),
                     /*delegated=*/nullptr));
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::OpenWithPass(
    const v1::DelegationPass& pass, Context& context) {
  TUTTI_ASSIGN_OR_RETURN(FleetConfiguration fleet, LoadFleet(context.options));
  absl::StatusOr<PassContent> content = ReadPass(pass);
  if (!content.ok()) return WithPrefix(fleet.path, content.status());
  const absl::Time now = context.clock.Now();
  if (now >= content->access->expires_at) {
    return WithExitStatus(
        FailedPrecondition(
            "the delegation of this job has ended at {}; start the job anew, "
            "with a longer --delegate-for",
            Day(content->access->expires_at)),
        kExitUnreachable);
  }
  TUTTI_ASSIGN_OR_RETURN(Identity identity,
                         content->credentials.certificates.front().identity());
  ClientTls tls;
  tls.fleet = fleet.fleet;
  tls.certificates_pem = content->credentials.CertificatesPem();
  tls.key_pem = content->credentials.key.ToPem();
  tls.controller_authority_pem = pass.controller_authorities();
  return std::unique_ptr<Connection>(new Connection(
      std::move(fleet), std::move(content->credentials), std::move(identity),
      std::move(tls), std::move(content->access)));
}

JobSigner Connection::signer() const {
  if (delegated_ == nullptr) return credentials_;
  return {credentials_.key, delegated_->certificates, &delegated_->delegation};
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
