#include "controller/enrollment/certificate_issuer.h"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/identity/identity_directory.h"

namespace tutti::controller {
namespace {

// After a renewal that failed.
constexpr absl::Duration kRetry = absl::Minutes(1);
// Between any two, whatever the certificates' life.
constexpr absl::Duration kShortest = absl::Seconds(1);

absl::StatusOr<Authority> LoadAuthority(const std::string& directory) {
  TUTTI_ASSIGN_OR_RETURN(
      const Credentials credentials,
      LoadCredentials(directory + "/certificate.pem", directory + "/key.pem"));
  absl::StatusOr<Authority> authority = Authority::FromPem(
      credentials.CertificatesPem(), credentials.key.ToPem());
  if (!authority.ok()) return WithPrefix(directory, authority.status());
  return authority;
}

// The two authorities and the controller's own certificate must be of one
// fleet.
absl::Status CheckFleet(const Identity& own, const Authority& agents,
                        const Authority& controllers,
                        const std::string& directory) {
  if (own.role == Role::kController &&
      agents.domain() == TrustDomain(Role::kAgent, own.fleet) &&
      controllers.domain() == TrustDomain(Role::kController, own.fleet)) {
    return absl::OkStatus();
  }
  return FailedPrecondition(
      "the files in {} do not belong together: the identity is {}, the "
      "authorities are of {} and {}; restore the folder from one backup",
      directory, ToUri(own), agents.domain(), controllers.domain());
}

}  // namespace

absl::StatusOr<std::unique_ptr<CertificateIssuer>> CertificateIssuer::Load(
    const std::string& directory, absl::Duration certificate_life) {
  TUTTI_ASSIGN_OR_RETURN(Authority agents,
                         LoadAuthority(directory + "/authorities/agents"));
  TUTTI_ASSIGN_OR_RETURN(Authority controllers,
                         LoadAuthority(directory + "/authorities/controllers"));
  const std::string identity_directory = directory + "/identity";
  TUTTI_ASSIGN_OR_RETURN(const Credentials own,
                         LoadIdentity(identity_directory));
  TUTTI_ASSIGN_OR_RETURN(Identity identity, own.certificates[0].identity());
  TUTTI_RETURN_IF_ERROR(CheckFleet(identity, agents, controllers, directory));
  return std::unique_ptr<CertificateIssuer>(new CertificateIssuer(
      std::move(agents), std::move(controllers), std::move(identity),
      identity_directory, certificate_life));
}

absl::StatusOr<IssuedCertificate> CertificateIssuer::IssueAgent(
    std::string_view name, std::string_view signing_request_der,
    absl::Time now) const {
  return Issue({Role::kAgent, fleet(), std::string(name)}, signing_request_der,
               now, certificate_life_);
}

absl::StatusOr<IssuedCertificate> CertificateIssuer::IssueBootstrap(
    std::string_view token_id, std::string_view signing_request_der,
    absl::Time now, absl::Time expires_at) const {
  return Issue({Role::kBootstrap, fleet(), std::string(token_id)},
               signing_request_der, now, expires_at - now);
}

absl::StatusOr<IssuedCertificate> CertificateIssuer::IssueDelegate(
    std::string_view operator_name, const Uuid& job,
    std::string_view signing_request_der, absl::Time now,
    absl::Time expires_at) const {
  return Issue({Role::kDelegate, fleet(), std::string(operator_name), job},
               signing_request_der, now, expires_at - now);
}

absl::StatusOr<IssuedCertificate> CertificateIssuer::Issue(
    const Identity& identity, std::string_view signing_request_der,
    absl::Time now, absl::Duration life) const {
  TUTTI_ASSIGN_OR_RETURN(
      const Certificate certificate,
      agents_.Issue(signing_request_der, identity, now, life));
  return IssuedCertificate{.certificates = {certificate.ToDer()},
                           .key_fingerprint = certificate.key_fingerprint(),
                           .expires_at = certificate.not_after()};
}

absl::Time CertificateIssuer::RenewOwnIfDue(absl::Time now) {
  MutexLock lock(own_mutex_);
  const absl::StatusOr<absl::Time> due = RenewOwn(now);
  if (!due.ok()) {
    log::Error("cannot renew the controller's certificate: {}",
               TextOf(due.status()));
    return now + kRetry;
  }
  return std::max(*due, now + kShortest);
}

absl::StatusOr<absl::Time> CertificateIssuer::RenewOwn(absl::Time now) {
  TUTTI_ASSIGN_OR_RETURN(const Credentials current,
                         LoadIdentity(identity_directory_));
  const absl::Time due = current.certificates[0].renew_at();
  if (now < due) return due;
  TUTTI_ASSIGN_OR_RETURN(PrivateKey key, PrivateKey::Generate());
  TUTTI_ASSIGN_OR_RETURN(const std::string request, key.MakeSigningRequest());
  TUTTI_ASSIGN_OR_RETURN(
      Certificate certificate,
      controllers_.Issue(request, own_identity_, now, certificate_life_));
  const absl::Time next = certificate.renew_at();
  const absl::Time end = certificate.not_after();
  std::vector<Certificate> certificates;
  certificates.push_back(std::move(certificate));
  TUTTI_RETURN_IF_ERROR(
      SaveIdentity(identity_directory_,
                   Credentials{std::move(certificates), std::move(key)}));
  log::Info("the controller's certificate is renewed; it is good until {}",
            FormatDate(end));
  return next;
}

}  // namespace tutti::controller
