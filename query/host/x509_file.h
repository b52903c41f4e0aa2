// X.509 certificates in files.
#ifndef QUERY_HOST_X509_FILE_H_
#define QUERY_HOST_X509_FILE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tutti::query {

// What a certificate says (RFC 5280), as text.
struct X509Facts {
  std::string common_name;
  // "/C=DE/O=Example/CN=Root", and as RFC 2253 has it:
  // "CN=Root,O=Example,C=DE".
  std::string subject, subject_rfc2253;
  std::string issuer, issuer_rfc2253;
  bool is_authority = false;
  bool is_self_signed = false;
  // Seconds since 1970.
  int64_t not_before = 0;
  int64_t not_after = 0;
  std::string signing_algorithm;
  std::string key_algorithm;
  // Bits, or the name of the curve.
  std::string key_strength;
  std::string key_usage;
  // In hexadecimal digits; empty when there is none.
  std::string subject_key_id, authority_key_id;
  std::string serial;
  // Of the whole certificate.
  std::string sha1;
};

// Those in PEM, or the one in DER. What is no certificate is left out.
std::vector<X509Facts> CertificatesIn(std::string_view content);

}  // namespace tutti::query

#endif  // QUERY_HOST_X509_FILE_H_
