#include <fmt/format.h>

#include <string>

#include "absl/strings/escaping.h"
#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using CertificatesTest = QueryTest;

// Of P-256, self-signed, valid for ten years.
constexpr char kPem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIB1TCCAXygAwIBAgIEASOrzTAKBggqhkjOPQQDAjA2MQswCQYDVQQGEwJERTET\n"
    "MBEGA1UECgwKRXhhbXBsZSDDhDESMBAGA1UEAwwJVGVzdCBSb290MB4XDTI2MTEy\n"
    "MzE2NDI1OFoXDTM2MTEyMDE2NDI1OFowNjELMAkGA1UEBhMCREUxEzARBgNVBAoM\n"
    "CkV4YW1wbGUgw4QxEjAQBgNVBAMMCVRlc3QgUm9vdDBZMBMGByqGSM49AgEGCCqG\n"
    "SM49AwEHA0IABN2ceJAVUWTf3nIqF1Mws+P5R/aiT9Voo+gsqXL6ARLI1z/4vDUd\n"
    "16P/L17SdzyVeKWcYEf2Dn9h8gXcX3N7lzSjeDB2MB0GA1UdDgQWBBTAsMxT/OhD\n"
    "DN/zT6C2aigA0P9CXzAfBgNVHSMEGDAWgBTAsMxT/OhDDN/zT6C2aigA0P9CXzAP\n"
    "BgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwIBBjATBgNVHSUEDDAKBggrBgEF\n"
    "BQcDATAKBggqhkjOPQQDAgNHADBEAiB/GUdYVTLDSIxMQmOnVxBeF6XZCN+fBWOC\n"
    "8ASIft3imgIgDkm96LAzMb2UHx+EXdnBwQG8M9L41EaApod0TS99swY=\n"
    "-----END CERTIFICATE-----\n";

constexpr char kBroken[] =
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

// The first one without its armour.
std::string Der() {
  const std::string pem = kPem;
  const size_t begin = pem.find('\n');
  std::string der;
  absl::Base64Unescape(pem.substr(begin, pem.find("-----END") - begin), &der);
  return der;
}

TEST_F(CertificatesTest, SayWhoAndHowLong) {
  Write("/etc/ssl/certs/test.pem", kPem);
  EXPECT_THAT(
      Query("SELECT common_name, subject2, issuer = subject, ca, self_signed, "
            "not_valid_before, not_valid_after, path FROM certificates"),
      ElementsAre(ElementsAre("Test Root", "CN=Test Root,O=Example Ä,C=DE", "1",
                              "1", "1", "1795452178", "2110812178",
                              "/etc/ssl/certs/test.pem")));
  EXPECT_THAT(
      Query("SELECT signing_algorithm, key_algorithm, key_strength, key_usage, "
            "subject_key_id, authority_key_id, sha1, serial "
            "FROM certificates"),
      ElementsAre(ElementsAre(
          "ecdsa-with-SHA256", "id-ecPublicKey", "prime256v1",
          "Certificate Sign, CRL Sign, TLS Web Server Authentication",
          "C0B0CC53FCE8430CDFF34FA0B66A2800D0FF425F",
          "C0B0CC53FCE8430CDFF34FA0B66A2800D0FF425F",
          "969bee80050138e37950000ca21f351e7ea8b0f4", "0123ABCD")));
}

// Under its own name, its hash and in a bundle.
TEST_F(CertificatesTest, OfTheTrustStoreAreThereOnce) {
  Write("/etc/ssl/certs/5ed36f99.0", kPem);
  Write("/etc/ssl/certs/ca-certificates.crt", kPem);
  Write("/etc/ssl/certs/test.pem", kPem);
  Write("/etc/ssl/certs/README", "no certificate");
  EXPECT_THAT(Query("SELECT path FROM certificates"),
              ElementsAre(ElementsAre("/etc/ssl/certs/test.pem")));
  EXPECT_THAT(Query("SELECT common_name FROM certificates "
                    "WHERE path = '/etc/ssl/certs/ca-certificates.crt'"),
              ElementsAre(ElementsAre("Test Root")));
}

TEST_F(CertificatesTest, AreReadWhereTheQuerySays) {
  Write("/srv/a/bundle.pem", fmt::format("text\n{0}{1}{0}", kPem, kBroken));
  Write("/srv/b/one.der", Der());
  Write("/srv/b/broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n");
  Write("/srv/b/empty", "");
  EXPECT_THAT(Query("SELECT path, common_name FROM certificates "
                    "WHERE path LIKE '/srv/%/%'"),
              ElementsAre(ElementsAre("/srv/a/bundle.pem", "Test Root"),
                          ElementsAre("/srv/a/bundle.pem", "Test Root"),
                          ElementsAre("/srv/b/one.der", "Test Root")));
  EXPECT_THAT(Query("SELECT * FROM certificates WHERE path = '/none'"),
              IsEmpty());
}

// If this fails, whoever writes such a file has root's query wait for a word
// from the terminal.
TEST_F(CertificatesTest, NobodyIsAskedForAPassword) {
  Write("/srv/locked.pem",
        "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
        "AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAA\n"
        "-----END CERTIFICATE-----\n");
  EXPECT_THAT(
      Query("SELECT * FROM certificates WHERE path = '/srv/locked.pem'"),
      IsEmpty());
}

TEST_F(CertificatesTest, AreNoneWithoutTheFolder) {
  EXPECT_THAT(Query("SELECT * FROM certificates"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
