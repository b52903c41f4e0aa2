#include "common/identity/authority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/x509v3.h>

#include <string>

#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/identity/test_identities.h"

namespace tutti::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Ne;

class AuthorityTest : public ::testing::Test {
 protected:
  absl::StatusOr<Certificate> Issue(const Identity& identity,
                                    absl::Duration life = absl::Hours(24)) {
    const PrivateKey key = *PrivateKey::Generate();
    return agents_.Issue(*key.MakeSigningRequest(), identity, now_, life);
  }

  const absl::Time now_ = FakeClock().Now();
  const Authority agents_ = MakeAuthority(Role::kAgent, "demo", now_);
};

TEST_F(AuthorityTest, CertifiesKeyAndIdentityOfTheRequest) {
  const PrivateKey key = *PrivateKey::Generate();
  const Identity web01 = {Role::kAgent, "demo", "web01"};
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const Certificate certificate,
      agents_.Issue(*key.MakeSigningRequest(), web01, now_, absl::Hours(30)));
  EXPECT_EQ(*certificate.identity(), web01);
  EXPECT_EQ(certificate.key_fingerprint(), KeyFingerprint(key.get()));
  EXPECT_EQ(certificate.not_before(), now_ - absl::Minutes(5));
  EXPECT_EQ(certificate.not_after(), now_ + absl::Hours(30));
  EXPECT_EQ(X509_NAME_entry_count(X509_get_subject_name(certificate.get())), 0);
}

// Whoever holds a leaf must not be an authority.
TEST_F(AuthorityTest, LeavesCanNotIssue) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const Certificate leaf,
                             Issue({Role::kAgent, "demo", "web01"}));
  EXPECT_EQ(X509_check_ca(leaf.get()), 0);
  EXPECT_EQ(X509_get_key_usage(leaf.get()),
            static_cast<uint32_t>(KU_DIGITAL_SIGNATURE));
}

// Otherwise a target could pose as a controller.
TEST_F(AuthorityTest, OnlyControllersMayServe) {
  const Authority controllers = MakeAuthority(Role::kController, "demo", now_);
  const Credentials controller =
      MakeCredentials(controllers, {Role::kController, "demo", "c1"}, now_);
  EXPECT_EQ(X509_get_extended_key_usage(controller.certificates[0].get()),
            static_cast<uint32_t>(XKU_SSL_SERVER | XKU_SSL_CLIENT));
  TUTTI_ASSERT_OK_AND_ASSIGN(const Certificate agent,
                             Issue({Role::kAgent, "demo", "web01"}));
  EXPECT_EQ(X509_get_extended_key_usage(agent.get()),
            static_cast<uint32_t>(XKU_SSL_CLIENT));
}

TEST_F(AuthorityTest, IssuesBootstrapIdentitiesOfItsFleet) {
  const Identity token = {Role::kBootstrap, "demo", "t1"};
  TUTTI_ASSERT_OK_AND_ASSIGN(const Certificate certificate, Issue(token));
  EXPECT_EQ(*certificate.identity(), token);
}

TEST_F(AuthorityTest, RefusesIdentitiesOfOtherDomains) {
  for (const Identity& identity : {Identity{Role::kOperator, "demo", "alice"},
                                   Identity{Role::kController, "demo", "c1"},
                                   Identity{Role::kAgent, "other", "web01"}}) {
    EXPECT_THAT(Issue(identity), StatusIs(absl::StatusCode::kInvalidArgument,
                                          HasSubstr("agents.demo")));
  }
}

TEST_F(AuthorityTest, RefusesBadNames) {
  EXPECT_THAT(Issue({Role::kAgent, "demo", "a,URI:x"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("name")));
}

// A name that fills its field must not become a second extension or be cut.
TEST_F(AuthorityTest, TakesTheLongestNames) {
  const std::string fleet(63, 'f');
  const Authority authority = MakeAuthority(Role::kOperator, fleet, now_);
  const Identity longest = {Role::kOperator, fleet, std::string(253, 'n')};
  EXPECT_EQ(
      *MakeCredentials(authority, longest, now_).certificates[0].identity(),
      longest);
}

// A certificate that outlives its authority is good for nothing, and its
// renewal would be due too late.
TEST_F(AuthorityTest, NothingOutlivesTheAuthority) {
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const Certificate certificate,
      Issue({Role::kAgent, "demo", "web01"}, absl::Hours(24 * 3650)));
  EXPECT_EQ(certificate.not_after(), agents_.certificate().not_after());
}

// Backdated by more than its life, a certificate would be due for renewal from
// the start, for ever.
TEST_F(AuthorityTest, ShortCertificatesAreNotDueAtOnce) {
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const Certificate certificate,
      Issue({Role::kAgent, "demo", "web01"}, absl::Seconds(10)));
  EXPECT_GT(certificate.renew_at(), now_ + absl::Seconds(5));
}

TEST_F(AuthorityTest, AnExpiredAuthorityIssuesNothing) {
  const PrivateKey key = *PrivateKey::Generate();
  EXPECT_THAT(
      agents_.Issue(*key.MakeSigningRequest(), {Role::kAgent, "demo", "web01"},
                    now_ + absl::Hours(24 * 366), absl::Hours(1)),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("expired")));
}

// Serial numbers that can be guessed or repeat break revocation.
TEST_F(AuthorityTest, SerialNumbersAreLongAndRandom) {
  const auto serial = [](const Certificate& certificate) {
    BIGNUM* number =
        ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate.get()), nullptr);
    EXPECT_EQ(BN_num_bits(number), 128);
    char* hex = BN_bn2hex(number);
    std::string text = hex;
    OPENSSL_free(hex);
    BN_free(number);
    return text;
  };
  const Identity identity = {Role::kAgent, "demo", "web01"};
  EXPECT_THAT(serial(*Issue(identity)), Ne(serial(*Issue(identity))));
}

TEST_F(AuthorityTest, RefusesRequestsThatAreNotWhole) {
  const PrivateKey key = *PrivateKey::Generate();
  std::string request = *key.MakeSigningRequest();
  const Identity identity = {Role::kAgent, "demo", "web01"};
  const auto issue = [&](const std::string& der) {
    return agents_.Issue(der, identity, now_, absl::Hours(1));
  };
  EXPECT_THAT(issue(""), StatusIs(absl::StatusCode::kInvalidArgument,
                                  HasSubstr("PKCS #10")));
  EXPECT_THAT(issue(request + "x"), StatusIs(absl::StatusCode::kInvalidArgument,
                                             HasSubstr("PKCS #10")));
  // The last bytes are the proof that the sender has the key.
  request.back() = static_cast<char>(request.back() ^ 1);
  EXPECT_THAT(issue(request), StatusIs(absl::StatusCode::kInvalidArgument,
                                       HasSubstr("own key")));
}

TEST_F(AuthorityTest, RefusesKeysOfOtherKinds) {
  EvpPkeyPtr key(EVP_EC_gen("P-384"));
  X509_REQ* request = X509_REQ_new();
  X509_REQ_set_pubkey(request, key.get());
  X509_REQ_sign(request, key.get(), EVP_sha384());
  unsigned char* der = nullptr;
  const int length = i2d_X509_REQ(request, &der);
  const std::string bytes(reinterpret_cast<char*>(der),
                          static_cast<size_t>(length));
  OPENSSL_free(der);
  X509_REQ_free(request);
  EXPECT_THAT(agents_.Issue(bytes, {Role::kAgent, "demo", "web01"}, now_,
                            absl::Hours(1)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("P-256")));
}

TEST_F(AuthorityTest, ComesBackFromItsFiles) {
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const Authority loaded,
      Authority::FromPem(agents_.certificate().ToPem(), agents_.key().ToPem()));
  EXPECT_EQ(loaded.domain(), "agents.demo");
}

TEST_F(AuthorityTest, RefusesAForeignKey) {
  const Authority other = MakeAuthority(Role::kAgent, "demo", now_);
  EXPECT_THAT(
      Authority::FromPem(agents_.certificate().ToPem(), other.key().ToPem()),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("does not fit")));
}

// An authority without a name constraint could issue anybody.
TEST_F(AuthorityTest, RefusesAuthoritiesThatAreNotBound) {
  const Credentials leaf =
      MakeCredentials(agents_, {Role::kAgent, "demo", "web01"}, now_);
  EXPECT_THAT(Authority::FromPem(leaf.CertificatesPem(), leaf.key.ToPem()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("name constraint")));
}

}  // namespace
}  // namespace tutti::testing
