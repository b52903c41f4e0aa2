// X.509 certificates, over OpenSSL 3.
#ifndef COMMON_IDENTITY_CERTIFICATE_H_
#define COMMON_IDENTITY_CERTIFICATE_H_

#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/identity/identity.h"
#include "common/identity/key.h"

namespace tutti {

struct X509Deleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using X509Ptr = std::unique_ptr<X509, X509Deleter>;

// Immutable; safe to share between threads.
class Certificate {
 public:
  static absl::StatusOr<Certificate> FromPem(std::string_view pem);
  static absl::StatusOr<Certificate> FromDer(std::string_view der);
  // All certificates of a PEM bundle, in order; at least one.
  static absl::StatusOr<std::vector<Certificate>> ListFromPem(
      std::string_view pem);
  explicit Certificate(X509Ptr certificate)
      : certificate_(std::move(certificate)) {}

  std::string ToPem() const;
  std::string ToDer() const;
  absl::Time not_before() const;
  absl::Time not_after() const;
  // Two thirds of its life: when it is to be renewed.
  absl::Time renew_at() const;
  // The single URI SAN; an error when there is none or more than one.
  absl::StatusOr<Identity> identity() const;
  // SHA-256 of the public key (SubjectPublicKeyInfo), 32 bytes: what a
  // registry pins.
  std::string key_fingerprint() const;
  // ECDSA with SHA-256 by this certificate's key; says only whether the
  // signature is right, not whether the certificate is.
  bool VerifySignature(std::string_view data, std::string_view signature) const;

  X509* get() const { return certificate_.get(); }

 private:
  X509Ptr certificate_;
};

// Public key of a PKCS #10 request whose own signature is right.
// INVALID_ARGUMENT unless it is P-256.
absl::StatusOr<EvpPkeyPtr> KeyOfSigningRequest(std::string_view der);
// As Certificate::key_fingerprint.
std::string KeyFingerprint(EVP_PKEY* key);

// "2026-01-31 12:00 UTC", as texts about certificates say it.
std::string FormatDate(absl::Time time);

}  // namespace tutti

#endif  // COMMON_IDENTITY_CERTIFICATE_H_
