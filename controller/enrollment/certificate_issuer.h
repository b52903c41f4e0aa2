// The controller's use of the authorities that it holds.
#ifndef CONTROLLER_ENROLLMENT_CERTIFICATE_ISSUER_H_
#define CONTROLLER_ENROLLMENT_CERTIFICATE_ISSUER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/base/uuid.h"
#include "common/identity/authority.h"
#include "common/identity/identity.h"

namespace tutti::controller {

// A certificate that was issued, and what a registry wants to know about it.
struct IssuedCertificate {
  // DER, own certificate first, the authority left out.
  std::vector<std::string> certificates;
  // Of the certified key: Certificate::key_fingerprint.
  std::string key_fingerprint;
  absl::Time expires_at;
};

// Issues agents', bootstrap and delegates' certificates and keeps the
// controller's own one fresh. Whether somebody may have a certificate is the
// registry's to say. Thread-safe.
class CertificateIssuer {
 public:
  // Reads the authorities of a controller's folder as InitFleet made it.
  // `certificate_life` is of agents' certificates and of the controller's own.
  static absl::StatusOr<std::unique_ptr<CertificateIssuer>> Load(
      const std::string& directory, absl::Duration certificate_life);

  // The fleet that the authorities are bound to.
  const std::string& fleet() const { return own_identity_.fleet; }

  // INVALID_ARGUMENT when the name is bad or the request (PKCS #10, DER) is
  // not one of a P-256 key.
  absl::StatusOr<IssuedCertificate> IssueAgent(
      std::string_view name, std::string_view signing_request_der,
      absl::Time now) const;
  // For a join token; good for Enroll alone, until `expires_at`.
  absl::StatusOr<IssuedCertificate> IssueBootstrap(
      std::string_view token_id, std::string_view signing_request_der,
      absl::Time now, absl::Time expires_at) const;

  // For the key of a delegation: the programs of the job `job`, in the name of
  // an operator, until `expires_at`.
  absl::StatusOr<IssuedCertificate> IssueDelegate(
      std::string_view operator_name, const Uuid& job,
      std::string_view signing_request_der, absl::Time now,
      absl::Time expires_at) const;

  // Replaces the controller's own certificate and key in the folder once two
  // thirds of its life are over; servers take them up by themselves. Returns
  // when to call again. A failure is logged, and due again soon. Blocks on the
  // disk.
  absl::Time RenewOwnIfDue(absl::Time now);

 private:
  CertificateIssuer(Authority agents, Authority controllers,
                    Identity own_identity, std::string identity_directory,
                    absl::Duration certificate_life)
      : agents_(std::move(agents)),
        controllers_(std::move(controllers)),
        own_identity_(std::move(own_identity)),
        identity_directory_(std::move(identity_directory)),
        certificate_life_(certificate_life) {}

  absl::StatusOr<IssuedCertificate> Issue(const Identity& identity,
                                          std::string_view signing_request_der,
                                          absl::Time now,
                                          absl::Duration life) const;
  absl::StatusOr<absl::Time> RenewOwn(absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(own_mutex_);

  const Authority agents_;
  const Authority controllers_;
  const Identity own_identity_;
  const std::string identity_directory_;
  const absl::Duration certificate_life_;
  // One renewal at a time.
  Mutex own_mutex_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_ENROLLMENT_CERTIFICATE_ISSUER_H_
