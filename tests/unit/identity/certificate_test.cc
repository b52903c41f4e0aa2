#include "common/identity/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/identity/test_identities.h"

namespace tutti::testing {
namespace {

using ::testing::HasSubstr;

class CertificateTest : public ::testing::Test {
 protected:
  const absl::Time now_ = FakeClock().Now();
  const Authority agents_ = MakeAuthority(Role::kAgent, "demo", now_);
  const Credentials web01_ =
      MakeCredentials(agents_, {Role::kAgent, "demo", "web01"}, now_,
                      absl::Hours(30) - absl::Minutes(5));
  const Certificate& certificate_ = web01_.certificates[0];
};

TEST_F(CertificateTest, SurvivesBothEncodings) {
  EXPECT_EQ(Certificate::FromPem(certificate_.ToPem())->ToDer(),
            certificate_.ToDer());
  EXPECT_EQ(Certificate::FromDer(certificate_.ToDer())->ToDer(),
            certificate_.ToDer());
}

TEST_F(CertificateTest, RefusesGarbage) {
  EXPECT_THAT(Certificate::FromPem("garbage"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("PEM")));
  EXPECT_THAT(Certificate::FromDer(certificate_.ToDer() + "x"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("DER")));
}

// A bundle that is cut short must not pass for a smaller one.
TEST_F(CertificateTest, BundleIsReadWholeOrNotAtAll) {
  const std::string one = certificate_.ToPem();
  const std::string two = agents_.certificate().ToPem();
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto both,
                             Certificate::ListFromPem(one + two));
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[1].ToPem(), two);
  EXPECT_THAT(Certificate::ListFromPem(one + two.substr(0, two.size() / 2)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("PEM")));
}

TEST_F(CertificateTest, IsDueAtTwoThirdsOfItsLife) {
  EXPECT_EQ(certificate_.renew_at(),
            certificate_.not_before() + absl::Hours(20));
}

// With two names it would depend on the reader who somebody is.
TEST_F(CertificateTest, SeveralIdentitiesAreNone) {
  const Credentials two =
      Forge(agents_, "URI:spiffe://agents.demo/a,URI:spiffe://agents.demo/b",
            now_, now_ + absl::Hours(1));
  EXPECT_THAT(
      two.certificates[0].identity(),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("several")));
  const Credentials none =
      Forge(agents_, "DNS:web01", now_, now_ + absl::Hours(1));
  EXPECT_THAT(none.certificates[0].identity(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no ")));
}

TEST_F(CertificateTest, VerifiesSignaturesOfItsKeyAlone) {
  const std::string signature = *web01_.key.Sign("text");
  EXPECT_TRUE(certificate_.VerifySignature("text", signature));
  EXPECT_FALSE(certificate_.VerifySignature("Text", signature));
  EXPECT_FALSE(certificate_.VerifySignature("text", ""));
  EXPECT_FALSE(agents_.certificate().VerifySignature("text", signature));
}

TEST_F(CertificateTest, FingerprintIsTheKeys) {
  const PrivateKey key = *PrivateKey::FromPem(web01_.key.ToPem());
  EXPECT_EQ(certificate_.key_fingerprint(), KeyFingerprint(key.get()));
  EXPECT_EQ(certificate_.key_fingerprint().size(), 32u);
}

TEST_F(CertificateTest, KeysOfOtherKindsAreRefused) {
  EXPECT_THAT(PrivateKey::FromPem("garbage"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("PEM")));
  EXPECT_THAT(PrivateKey::FromPem("-----BEGIN PRIVATE KEY-----\n"
                                  "MC4CAQAwBQYDK2VwBCIEIHAvZKEAhdIInEZSO/MqCXks"
                                  "3EdCrA5XGIfUH0rjWEf/\n"
                                  "-----END PRIVATE KEY-----\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("P-256")));
}

}  // namespace
}  // namespace tutti::testing
