// P-256 keys, over OpenSSL 3.
#ifndef COMMON_IDENTITY_KEY_H_
#define COMMON_IDENTITY_KEY_H_

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tutti {

struct EvpPkeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using EvpPkeyPtr = std::unique_ptr<EVP_PKEY, EvpPkeyDeleter>;

// Immutable; safe to share between threads.
class PrivateKey {
 public:
  static absl::StatusOr<PrivateKey> Generate();
  // PKCS #8, not encrypted.
  static absl::StatusOr<PrivateKey> FromPem(std::string_view pem);

  std::string ToPem() const;
  // ECDSA with SHA-256 over `data`, DER.
  absl::StatusOr<std::string> Sign(std::string_view data) const;
  // What belongs to it, as PublicKey::FromDer takes it.
  std::string PublicKeyDer() const;
  // PKCS #10, DER, with an empty subject: an issuer takes nothing but the key.
  absl::StatusOr<std::string> MakeSigningRequest() const;

  EVP_PKEY* get() const { return key_.get(); }

 private:
  explicit PrivateKey(EvpPkeyPtr key) : key_(std::move(key)) {}
  EvpPkeyPtr key_;
};

// Immutable; safe to share between threads.
class PublicKey {
 public:
  // SubjectPublicKeyInfo. INVALID_ARGUMENT unless it is P-256.
  static absl::StatusOr<PublicKey> FromDer(std::string_view der);

  // Whether `signature` is PrivateKey::Sign of `data`.
  bool VerifySignature(std::string_view data, std::string_view signature) const;

 private:
  explicit PublicKey(EvpPkeyPtr key) : key_(std::move(key)) {}
  EvpPkeyPtr key_;
};

// The last error of OpenSSL on this thread, as one line; clears the queue.
std::string OpenSslError();

}  // namespace tutti

#endif  // COMMON_IDENTITY_KEY_H_
