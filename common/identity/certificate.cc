#include "common/identity/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/errors.h"
#include "common/identity/openssl_handles.h"
#include "common/identity/sha256.h"

namespace tutti {
namespace {

using GeneralNamesPtr =
    std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>>;

absl::Time FromAsn1(const ASN1_TIME* time) {
  std::tm fields = {};
  if (ASN1_TIME_to_tm(time, &fields) != 1) return absl::InfinitePast();
  return absl::FromTimeT(timegm(&fields));
}

}  // namespace

absl::StatusOr<std::vector<Certificate>> Certificate::ListFromPem(
    std::string_view pem) {
  const BioPtr bio = BioOver(pem);
  std::vector<Certificate> certificates;
  while (true) {
    X509Ptr certificate(
        PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (certificate == nullptr) break;
    certificates.push_back(Certificate(std::move(certificate)));
  }
  // The end of the text shows as an error as well.
  const bool at_end =
      ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string error = OpenSslError();
  if (certificates.empty() || !at_end) {
    return InvalidArgument(
        "not a certificate that can be read ({}); it must be PEM", error);
  }
  return certificates;
}

absl::StatusOr<Certificate> Certificate::FromPem(std::string_view pem) {
  absl::StatusOr<std::vector<Certificate>> certificates = ListFromPem(pem);
  if (!certificates.ok()) return certificates.status();
  return std::move(certificates->front());
}

absl::StatusOr<Certificate> Certificate::FromDer(std::string_view der) {
  const unsigned char* at = Bytes(der);
  X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (certificate == nullptr || at != Bytes(der) + der.size()) {
    return InvalidArgument("not a certificate in DER: {}", OpenSslError());
  }
  return Certificate(std::move(certificate));
}

std::string Certificate::ToPem() const {
  const BioPtr bio = EmptyBio();
  PEM_write_bio_X509(bio.get(), certificate_.get());
  return ContentOf(bio.get());
}

std::string Certificate::ToDer() const {
  unsigned char* der = nullptr;
  const int length = i2d_X509(certificate_.get(), &der);
  return length < 0 ? "" : TakeDer(der, length);
}

absl::Time Certificate::not_before() const {
  return FromAsn1(X509_get0_notBefore(certificate_.get()));
}

absl::Time Certificate::not_after() const {
  return FromAsn1(X509_get0_notAfter(certificate_.get()));
}

absl::Time Certificate::renew_at() const {
  return not_before() + (not_after() - not_before()) * 2 / 3;
}

absl::StatusOr<Identity> Certificate::identity() const {
  const GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(
      certificate_.get(), NID_subject_alt_name, nullptr, nullptr)));
  std::string uri;
  int count = 0;
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get());
       ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    ++count;
    const ASN1_IA5STRING* text = name->d.uniformResourceIdentifier;
    uri.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
               static_cast<size_t>(ASN1_STRING_length(text)));
  }
  if (count != 1) {
    return InvalidArgument(
        "the certificate carries {} identities (URI names); Tutti's carry "
        "exactly one",
        count == 0 ? "no" : "several");
  }
  return ParseIdentity(uri);
}

std::string Certificate::key_fingerprint() const {
  EVP_PKEY* key = X509_get0_pubkey(certificate_.get());
  return key == nullptr ? "" : KeyFingerprint(key);
}

bool Certificate::VerifySignature(std::string_view data,
                                  std::string_view signature) const {
  EVP_PKEY* key = X509_get0_pubkey(certificate_.get());
  return key != nullptr && IsP256(key) &&
         tutti::VerifySignature(key, data, signature);
}

absl::StatusOr<EvpPkeyPtr> KeyOfSigningRequest(std::string_view der) {
  const unsigned char* at = Bytes(der);
  const RequestPtr request(
      d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
  if (request == nullptr || at != Bytes(der) + der.size()) {
    ERR_clear_error();
    return InvalidArgument(
        "the certificate signing request can not be read; it must be PKCS #10 "
        "in DER");
  }
  EvpPkeyPtr key(X509_REQ_get_pubkey(request.get()));
  if (key == nullptr || !IsP256(key.get())) {
    ERR_clear_error();
    return InvalidArgument(
        "the certificate signing request has a key of another kind; use "
        "P-256");
  }
  if (X509_REQ_verify(request.get(), key.get()) != 1) {
    ERR_clear_error();
    return InvalidArgument(
        "the certificate signing request is not signed by its own key; make "
        "it anew");
  }
  return key;
}

std::string KeyFingerprint(EVP_PKEY* key) {
  const std::string der = PublicKeyDer(key);
  return der.empty() ? "" : Sha256(der);
}

std::string FormatDate(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M UTC", time, absl::UTCTimeZone());
}

}  // namespace tutti
