#include "query/host/x509_file.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "common/identity/openssl_handles.h"

namespace tutti::query {
namespace {

using CertificatePtr = std::unique_ptr<X509, Free<X509_free>>;

std::string HexOf(const unsigned char* bytes, size_t length) {
  return absl::BytesToHexString({reinterpret_cast<const char*>(bytes), length});
}

std::string HexOf(const ASN1_STRING* string) {
  if (string == nullptr) return "";
  return absl::AsciiStrToUpper(
      HexOf(ASN1_STRING_get0_data(string),
            static_cast<size_t>(ASN1_STRING_length(string))));
}

std::string NameText(const X509_NAME* name, unsigned long format) {
  const BioPtr bio = EmptyBio();
  X509_NAME_print_ex(bio.get(), name, 0, format);
  return ContentOf(bio.get());
}

// UTF-8 stays as it is.
std::string Rfc2253Of(const X509_NAME* name) {
  return NameText(name, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
}

std::string OneLineOf(const X509_NAME* name) {
  char* text = X509_NAME_oneline(name, nullptr, 0);
  std::string line = text == nullptr ? "" : text;
  OPENSSL_free(text);
  return line;
}

std::string CommonNameOf(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return "";
  const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, at);
  unsigned char* text = nullptr;
  const int length =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
  if (length < 0) return "";
  std::string utf8(reinterpret_cast<char*>(text), static_cast<size_t>(length));
  OPENSSL_free(text);
  return utf8;
}

int64_t SecondsOf(const ASN1_TIME* time) {
  std::tm calendar = {};
  if (ASN1_TIME_to_tm(time, &calendar) != 1) return 0;
  return timegm(&calendar);
}

// "Digital Signature, Certificate Sign"; empty without the extension.
std::string ExtensionText(X509* certificate, int nid) {
  const int at = X509_get_ext_by_NID(certificate, nid, -1);
  if (at < 0) return "";
  const BioPtr bio = EmptyBio();
  X509V3_EXT_print(bio.get(), X509_get_ext(certificate, at), 0, 0);
  return ContentOf(bio.get());
}

std::string UsageOf(X509* certificate) {
  const std::string usage = ExtensionText(certificate, NID_key_usage);
  const std::string extended = ExtensionText(certificate, NID_ext_key_usage);
  const std::string_view between =
      usage.empty() || extended.empty() ? "" : ", ";
  return usage + std::string(between) + extended;
}

void SetKey(X509* certificate, X509Facts& facts) {
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return;
  facts.key_algorithm = OBJ_nid2ln(EVP_PKEY_get_base_id(key));
  char curve[64] = "";
  size_t length = 0;
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
      EVP_PKEY_get_group_name(key, curve, sizeof curve, &length) == 1) {
    facts.key_strength = std::string(curve, length);
  } else {
    facts.key_strength = std::to_string(EVP_PKEY_get_bits(key));
  }
}

std::string Sha1Of(const X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  if (X509_digest(certificate, EVP_sha1(), digest, &length) != 1) return "";
  return HexOf(digest, length);
}

X509Facts FactsOf(X509* certificate) {
  X509Facts facts;
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const X509_NAME* issuer = X509_get_issuer_name(certificate);
  facts.common_name = CommonNameOf(subject);
  facts.subject = OneLineOf(subject);
  facts.subject_rfc2253 = Rfc2253Of(subject);
  facts.issuer = OneLineOf(issuer);
  facts.issuer_rfc2253 = Rfc2253Of(issuer);
  // Computed with the first question.
  facts.is_authority = X509_check_ca(certificate) > 0;
  facts.is_self_signed =
      (X509_get_extension_flags(certificate) & EXFLAG_SS) != 0;
  facts.not_before = SecondsOf(X509_get0_notBefore(certificate));
  facts.not_after = SecondsOf(X509_get0_notAfter(certificate));
  facts.signing_algorithm = OBJ_nid2ln(X509_get_signature_nid(certificate));
  SetKey(certificate, facts);
  facts.key_usage = UsageOf(certificate);
  facts.subject_key_id = HexOf(X509_get0_subject_key_id(certificate));
  facts.authority_key_id = HexOf(X509_get0_authority_key_id(certificate));
  facts.serial = HexOf(X509_get0_serialNumber(certificate));
  facts.sha1 = Sha1Of(certificate);
  return facts;
}

}  // namespace

namespace {

// Whoever wrote the file may want one: never ask a terminal.
int NoPassword(char*, int, int, void*) { return -1; }

}  // namespace

std::vector<X509Facts> CertificatesIn(std::string_view content) {
  std::vector<X509Facts> certificates;
  const BioPtr bio = BioOver(content);
  if (bio == nullptr) return certificates;
  if (content.find("-----BEGIN ") == content.npos) {
    const CertificatePtr one(d2i_X509_bio(bio.get(), nullptr));
    if (one != nullptr) certificates.push_back(FactsOf(one.get()));
    return certificates;
  }
  while (true) {
    ERR_clear_error();
    const CertificatePtr one(
        PEM_read_bio_X509_AUX(bio.get(), nullptr, NoPassword, nullptr));
    if (one != nullptr) {
      certificates.push_back(FactsOf(one.get()));
    } else if (ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE) {
      return certificates;
    }
  }
}

}  // namespace tutti::query
