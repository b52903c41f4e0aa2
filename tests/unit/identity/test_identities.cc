#include "tests/unit/identity/test_identities.h"

#include <openssl/x509v3.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace tutti::testing {
namespace {

template <typename T>
T OrAbort(absl::StatusOr<T> value) {
  if (!value.ok()) std::abort();
  return *std::move(value);
}

void AddExtension(X509* certificate, X509* issuer, int nid,
                  const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (extension == nullptr) std::abort();
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Credentials Pair(Certificate certificate, PrivateKey key) {
  std::vector<Certificate> certificates;
  certificates.push_back(std::move(certificate));
  return {std::move(certificates), std::move(key)};
}

}  // namespace

Authority MakeAuthority(Role role, const std::string& fleet, absl::Time now,
                        absl::Duration life) {
  return OrAbort(Authority::Create(role, fleet, now, life));
}

Credentials MakeCredentials(const Authority& authority,
                            const Identity& identity, absl::Time now,
                            absl::Duration life) {
  PrivateKey key = OrAbort(PrivateKey::Generate());
  Certificate certificate = OrAbort(
      authority.Issue(OrAbort(key.MakeSigningRequest()), identity, now, life));
  return Pair(std::move(certificate), std::move(key));
}

Credentials Forge(const Authority& authority,
                  const std::string& alternative_names, absl::Time not_before,
                  absl::Time not_after) {
  PrivateKey key = OrAbort(PrivateKey::Generate());
  X509Ptr certificate(X509_new());
  X509* x509 = certificate.get();
  X509* issuer = authority.certificate().get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  ASN1_TIME_set(X509_getm_notBefore(x509), absl::ToTimeT(not_before));
  ASN1_TIME_set(X509_getm_notAfter(x509), absl::ToTimeT(not_after));
  X509_set_pubkey(x509, key.get());
  X509_set_issuer_name(x509, X509_get_subject_name(issuer));
  AddExtension(x509, issuer, NID_basic_constraints, "critical,CA:FALSE");
  AddExtension(x509, issuer, NID_key_usage, "critical,digitalSignature");
  AddExtension(x509, issuer, NID_ext_key_usage, "serverAuth,clientAuth");
  AddExtension(x509, issuer, NID_subject_key_identifier, "hash");
  AddExtension(x509, issuer, NID_authority_key_identifier, "keyid:always");
  AddExtension(x509, issuer, NID_subject_alt_name,
               "critical," + alternative_names);
  if (X509_sign(x509, authority.key().get(), EVP_sha256()) <= 0) std::abort();
  return Pair(Certificate(std::move(certificate)), std::move(key));
}

}  // namespace tutti::testing
