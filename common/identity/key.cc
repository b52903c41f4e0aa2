#include "common/identity/key.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

#include "common/base/errors.h"
#include "common/identity/openssl_handles.h"

namespace tutti {
namespace {

// Keys are not encrypted: never ask a terminal for a password.
int NoPassword(char*, int, int, void*) { return -1; }

}  // namespace

std::string OpenSslError() {
  const unsigned long error = ERR_peek_last_error();
  const char* reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  std::string text = reason == nullptr ? "unknown error" : reason;
  ERR_clear_error();
  return text;
}

bool IsP256(const EVP_PKEY* key) {
  char group[32];
  size_t length = 0;
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
         EVP_PKEY_get_group_name(key, group, sizeof group, &length) == 1 &&
         std::string_view(group, length) == SN_X9_62_prime256v1;
}

std::string PublicKeyDer(const EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(key, &der);
  return length < 0 ? "" : TakeDer(der, length);
}

bool VerifySignature(EVP_PKEY* key, std::string_view data,
                     std::string_view signature) {
  const DigestContextPtr context(EVP_MD_CTX_new());
  const bool good =
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr,
                           key) == 1 &&
      EVP_DigestVerify(context.get(), Bytes(signature), signature.size(),
                       Bytes(data), data.size()) == 1;
  ERR_clear_error();
  return good;
}

absl::StatusOr<PublicKey> PublicKey::FromDer(std::string_view der) {
  const unsigned char* at = Bytes(der);
  EvpPkeyPtr key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (key == nullptr || at != Bytes(der) + der.size()) {
    return InvalidArgument(
        "the public key can not be read; it must be a SubjectPublicKeyInfo in "
        "DER");
  }
  if (!IsP256(key.get())) {
    return InvalidArgument("the public key is of another kind; use P-256");
  }
  return PublicKey(std::move(key));
}

bool PublicKey::VerifySignature(std::string_view data,
                                std::string_view signature) const {
  return tutti::VerifySignature(key_.get(), data, signature);
}

absl::StatusOr<PrivateKey> PrivateKey::Generate() {
  EvpPkeyPtr key(EVP_EC_gen(SN_X9_62_prime256v1));
  if (key == nullptr) return Internal("cannot make a key: {}", OpenSslError());
  return PrivateKey(std::move(key));
}

absl::StatusOr<PrivateKey> PrivateKey::FromPem(std::string_view pem) {
  const BioPtr bio = BioOver(pem);
  EvpPkeyPtr key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassword, nullptr));
  if (key == nullptr) {
    return InvalidArgument(
        "not a private key that can be read ({}); it must be PEM and not "
        "encrypted",
        OpenSslError());
  }
  if (!IsP256(key.get())) {
    return InvalidArgument("the private key is of another kind; use P-256");
  }
  return PrivateKey(std::move(key));
}

std::string PrivateKey::ToPem() const {
  const BioPtr bio = EmptyBio();
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0,
                                nullptr, nullptr);
  return ContentOf(bio.get());
}

absl::StatusOr<std::string> PrivateKey::Sign(std::string_view data) const {
  const DigestContextPtr context(EVP_MD_CTX_new());
  const unsigned char* bytes = Bytes(data);
  size_t length = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr,
                         key_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &length, bytes, data.size()) !=
          1) {
    return Internal("cannot sign: {}", OpenSslError());
  }
  std::string signature(length, '\0');
  if (EVP_DigestSign(context.get(),
                     reinterpret_cast<unsigned char*>(signature.data()),
                     &length, bytes, data.size()) != 1) {
    return Internal("cannot sign: {}", OpenSslError());
  }
  signature.resize(length);
  return signature;
}

std::string PrivateKey::PublicKeyDer() const {
  return tutti::PublicKeyDer(key_.get());
}

absl::StatusOr<std::string> PrivateKey::MakeSigningRequest() const {
  const RequestPtr request(X509_REQ_new());
  unsigned char* der = nullptr;
  int length = -1;
  if (X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) == 1 &&
      X509_REQ_set_pubkey(request.get(), key_.get()) == 1 &&
      X509_REQ_sign(request.get(), key_.get(), EVP_sha256()) > 0) {
    length = i2d_X509_REQ(request.get(), &der);
  }
  if (length < 0) {
    return Internal("cannot make a signing request: {}", OpenSslError());
  }
  return TakeDer(der, length);
}

}  // namespace tutti
