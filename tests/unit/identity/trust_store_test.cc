#include "common/identity/trust_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/identity/test_identities.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class TrustStoreTest : public ::testing::Test {
 protected:
  absl::StatusOr<Identity> Verify(const Credentials& credentials,
                                  absl::Time time) const {
    return trust_.Verify(credentials.certificates[0], {}, time);
  }

  const absl::Time now_ = FakeClock().Now();
  const Authority agents_ = MakeAuthority(Role::kAgent, "demo", now_);
  const Authority operators_ = MakeAuthority(Role::kOperator, "demo", now_);
  const TrustStore trust_ = *TrustStore::FromPem(
      agents_.certificate().ToPem() + operators_.certificate().ToPem());
  const Identity alice_ = {Role::kOperator, "demo", "alice"};
};

TEST_F(TrustStoreTest, SaysWhoACertificateIsOf) {
  const Credentials alice = MakeCredentials(operators_, alice_, now_);
  TUTTI_ASSERT_OK_AND_ASSIGN(const Identity identity, Verify(alice, now_));
  EXPECT_EQ(identity, alice_);
}

TEST_F(TrustStoreTest, TellsExpiredFromNotYetValid) {
  const Credentials alice =
      MakeCredentials(operators_, alice_, now_, absl::Hours(1));
  EXPECT_THAT(Verify(alice, now_ + absl::Hours(2)),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       AllOf(HasSubstr("operator 'alice'"),
                             HasSubstr("expired on 2026-01-01 01:00 UTC"))));
  EXPECT_THAT(Verify(alice, now_ - absl::Hours(2)),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("not valid before")));
}

TEST_F(TrustStoreTest, RefusesUnknownAuthorities) {
  const Authority foreign = MakeAuthority(Role::kOperator, "demo", now_);
  EXPECT_THAT(Verify(MakeCredentials(foreign, alice_, now_), now_),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("unknown authority")));
}

// The controller holds the agents' authority: with it, it must not be able to
// make an operator.
TEST_F(TrustStoreTest, AuthorityIsBoundToItsDomain) {
  const Credentials forged =
      Forge(agents_, "URI:" + ToUri(alice_), now_, now_ + absl::Hours(1));
  EXPECT_THAT(Verify(forged, now_),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("another trust domain")));
}

TEST_F(TrustStoreTest, AuthorityIsBoundToItsFleet) {
  const Credentials forged = Forge(operators_, "URI:spiffe://operators.other/a",
                                   now_, now_ + absl::Hours(1));
  EXPECT_THAT(Verify(forged, now_),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("another trust domain")));
}

// Whoever has a certificate must not be able to make more of them.
TEST_F(TrustStoreTest, LeafIsNoAuthority) {
  const Credentials alice = MakeCredentials(operators_, alice_, now_);
  X509Ptr forged(X509_dup(alice.certificates[0].get()));
  X509_set_issuer_name(forged.get(),
                       X509_get_subject_name(alice.certificates[0].get()));
  X509_sign(forged.get(), alice.key.get(), EVP_sha256());
  EXPECT_THAT(
      trust_.Verify(Certificate(std::move(forged)), alice.certificates, now_),
      StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("")));
}

TEST_F(TrustStoreTest, SeveralIdentitiesAreRefused) {
  const Credentials two =
      Forge(agents_, "URI:spiffe://agents.demo/a,URI:spiffe://agents.demo/b",
            now_, now_ + absl::Hours(1));
  EXPECT_THAT(Verify(two, now_), StatusIs(absl::StatusCode::kPermissionDenied,
                                          HasSubstr("several")));
}

TEST_F(TrustStoreTest, TellsWhenTheAuthorityItselfExpired) {
  const Credentials alice = Forge(operators_, "URI:" + ToUri(alice_), now_,
                                  now_ + absl::Hours(24 * 365 * 2));
  EXPECT_THAT(Verify(alice, now_ + absl::Hours(24 * 400)),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("the authority of the certificate of")));
}

// A configuration that names a leaf would believe nobody, silently.
TEST_F(TrustStoreTest, TakesAuthoritiesOnly) {
  const Credentials alice = MakeCredentials(operators_, alice_, now_);
  EXPECT_THAT(TrustStore::FromPem(alice.CertificatesPem()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("not an authority's")));
}

}  // namespace
}  // namespace tutti::testing
