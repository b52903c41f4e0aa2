#include "agent/enroll/enroll.h"

#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/enroll/target_folder.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/join_token.h"
#include "common/transport/transport.h"
#include "tutti/v1/agents.grpc.pb.h"

namespace tutti::agent {
namespace {

std::chrono::system_clock::time_point DeadlineAfter(absl::Duration timeout) {
  return std::chrono::system_clock::now() + absl::ToChronoMilliseconds(timeout);
}

ClientTls BootstrapTls(const JoinToken& token) {
  return {.fleet = token.fleet,
          .certificates_pem = token.bootstrap_certificate,
          .key_pem = token.bootstrap_key,
          .controller_authority_pem = token.controller_authority};
}

// Asking another controller may help.
bool IsOfThisController(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

absl::StatusOr<v1::EnrollResponse> AskController(
    const std::string& controller, const JoinToken& token,
    const v1::EnrollRequest& request, absl::Duration timeout) {
  const ClientTls tls = BootstrapTls(token);
  const auto stub = v1::AgentService::NewStub(grpc::CreateCustomChannel(
      controller, MakeChannelCredentials(tls), MakeChannelArguments(true)));
  grpc::ClientContext context;
  context.set_deadline(DeadlineAfter(timeout));
  v1::EnrollResponse response;
  const absl::Status status =
      FromGrpc(stub->Enroll(&context, request, &response));
  if (status.ok()) return response;
  if (!IsOfThisController(status)) return status;
  const absl::Status why = ExplainConnectFailure(controller, tls, timeout);
  return Unavailable("{}", TextOf(why));
}

absl::StatusOr<std::vector<Certificate>> FromDer(
    const google::protobuf::RepeatedPtrField<std::string>& chain) {
  std::vector<Certificate> certificates;
  for (const std::string& der : chain) {
    TUTTI_ASSIGN_OR_RETURN(Certificate certificate, Certificate::FromDer(der));
    certificates.push_back(std::move(certificate));
  }
  if (certificates.empty()) {
    return Internal(
        "the controller answered without a certificate; update "
        "tutti-controller");
  }
  return certificates;
}

// The answer must be a certificate for our key and for the wanted identity.
absl::StatusOr<Credentials> CheckAnswer(
    const google::protobuf::RepeatedPtrField<std::string>& chain,
    PrivateKey key, const Identity& wanted) {
  TUTTI_ASSIGN_OR_RETURN(std::vector<Certificate> certificates, FromDer(chain));
  TUTTI_ASSIGN_OR_RETURN(const Identity given, certificates[0].identity());
  if (given != wanted) {
    return PermissionDenied(
        "the controller certified {} and not {}; check that the token is of "
        "this fleet",
        ToUri(given), ToUri(wanted));
  }
  if (certificates[0].key_fingerprint() != KeyFingerprint(key.get())) {
    return PermissionDenied(
        "the controller certified another key than the one that was sent; do "
        "not trust it");
  }
  return Credentials{std::move(certificates), std::move(key)};
}

struct Answer {
  v1::EnrollResponse response;
  std::string controller;
};

// Asks each controller until one answers. Errors of several are joined.
absl::StatusOr<Answer> AskControllers(const JoinToken& token,
                                      const v1::EnrollRequest& request,
                                      absl::Duration timeout) {
  std::string reasons;
  for (const std::string& controller : token.controllers) {
    absl::StatusOr<v1::EnrollResponse> response =
        AskController(controller, token, request, timeout);
    if (response.ok()) return Answer{*std::move(response), controller};
    if (!absl::IsUnavailable(response.status())) return response.status();
    if (!reasons.empty()) reasons += "; ";
    reasons += TextOf(response.status());
  }
  return Unavailable("no controller of the join token can be reached: {}",
                     reasons);
}

absl::Status CheckToken(const JoinToken& token, absl::Time now) {
  TUTTI_ASSIGN_OR_RETURN(const Certificate bootstrap,
                         Certificate::FromPem(token.bootstrap_certificate));
  if (now <= bootstrap.not_after()) return absl::OkStatus();
  return PermissionDenied(
      "the join token {} expired on {}; make a new one with tutti token create",
      token.id, FormatDate(bootstrap.not_after()));
}

// Without a trace: the folder is not left behind when it was made for nothing.
class MadeFolder {
 public:
  explicit MadeFolder(const std::string& path)
      : path_(path), existed_(access(path.c_str(), F_OK) == 0) {}
  ~MadeFolder() {
    // Fails, as it should, when there is something in it.
    if (!existed_) rmdir(path_.c_str());
  }
  MadeFolder(const MadeFolder&) = delete;
  MadeFolder& operator=(const MadeFolder&) = delete;

 private:
  const std::string path_;
  const bool existed_;
};

}  // namespace

absl::StatusOr<Enrolled> Enroll(const EnrollOptions& options, absl::Time now) {
  TUTTI_RETURN_IF_ERROR(ValidateName(options.name));
  TUTTI_ASSIGN_OR_RETURN(const JoinToken token, ParseJoinToken(options.token));
  TUTTI_RETURN_IF_ERROR(CheckToken(token, now));
  const MadeFolder made(options.directory);
  TUTTI_RETURN_IF_ERROR(CheckFree(options, now));

  TUTTI_ASSIGN_OR_RETURN(PrivateKey key, PrivateKey::Generate());
  v1::EnrollRequest request;
  request.set_name(options.name);
  TUTTI_ASSIGN_OR_RETURN(*request.mutable_signing_request(),
                         key.MakeSigningRequest());
  TUTTI_ASSIGN_OR_RETURN(const Answer answer,
                         AskControllers(token, request, options.timeout));
  if (answer.response.fleet() != token.fleet) {
    return PermissionDenied(
        "the controller {} is of fleet '{}', the join token of '{}'; use a "
        "token of the right fleet",
        answer.controller, answer.response.fleet(), token.fleet);
  }
  const Identity wanted = {Role::kAgent, token.fleet, options.name};
  TUTTI_ASSIGN_OR_RETURN(
      const Credentials credentials,
      CheckAnswer(answer.response.certificates(), std::move(key), wanted));
  const absl::Status filled = FillFolder(options, token, credentials);
  if (!filled.ok()) {
    return absl::Status(
        filled.code(),
        fmt::format("{}; mend that, then tutti agent remove {} (the name is "
                    "taken by now) and enrol again",
                    TextOf(filled), options.name));
  }
  return Enrolled{wanted, credentials.certificates[0].not_after(),
                  answer.controller};
}

absl::StatusOr<Credentials> RenewIdentity(
    const std::shared_ptr<grpc::Channel>& channel,
    const std::string& identity_directory, absl::Duration timeout) {
  TUTTI_ASSIGN_OR_RETURN(const Credentials current,
                         LoadIdentity(identity_directory));
  TUTTI_ASSIGN_OR_RETURN(const Identity identity,
                         current.certificates[0].identity());
  TUTTI_ASSIGN_OR_RETURN(PrivateKey key, PrivateKey::Generate());
  v1::RenewRequest request;
  TUTTI_ASSIGN_OR_RETURN(*request.mutable_signing_request(),
                         key.MakeSigningRequest());
  grpc::ClientContext context;
  context.set_deadline(DeadlineAfter(timeout));
  v1::RenewResponse response;
  TUTTI_RETURN_IF_ERROR(FromGrpc(
      v1::AgentService::NewStub(channel)->Renew(&context, request, &response)));
  TUTTI_ASSIGN_OR_RETURN(
      Credentials renewed,
      CheckAnswer(response.certificates(), std::move(key), identity));
  TUTTI_RETURN_IF_ERROR(SaveIdentity(identity_directory, renewed));
  return renewed;
}

}  // namespace tutti::agent
