// Issuing certificates.
#ifndef COMMON_IDENTITY_AUTHORITY_H_
#define COMMON_IDENTITY_AUTHORITY_H_

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/identity/certificate.h"
#include "common/identity/identity.h"
#include "common/identity/key.h"

namespace tutti {

// An authority of one trust domain, bound to it by a critical name constraint
// (RFC 5280, section 4.2.1.10): a verifier refuses what it issues for another.
// Immutable; thread-safe.
class Authority {
 public:
  // A new self-signed authority; `role` names the domain (kBootstrap and
  // kDelegate are none: they are the agents').
  static absl::StatusOr<Authority> Create(Role role, std::string_view fleet,
                                          absl::Time now, absl::Duration life);
  static absl::StatusOr<Authority> FromPem(std::string_view certificate_pem,
                                           std::string_view key_pem);

  // Certificate for `identity` with the key of a PKCS #10 request, valid until
  // `now` + `life`, though never longer than the authority itself. It begins
  // five minutes before `now`, or a tenth of its life, since clocks differ.
  // INVALID_ARGUMENT when the request is bad or the identity is of another
  // domain.
  absl::StatusOr<Certificate> Issue(std::string_view signing_request_der,
                                    const Identity& identity, absl::Time now,
                                    absl::Duration life) const;

  const Certificate& certificate() const { return certificate_; }
  const PrivateKey& key() const { return key_; }
  // The trust domain that it is bound to: "agents.FLEET".
  const std::string& domain() const { return domain_; }

 private:
  Authority(Certificate certificate, PrivateKey key, std::string domain)
      : certificate_(std::move(certificate)),
        key_(std::move(key)),
        domain_(std::move(domain)) {}
  Certificate certificate_;
  PrivateKey key_;
  std::string domain_;
};

}  // namespace tutti

#endif  // COMMON_IDENTITY_AUTHORITY_H_
