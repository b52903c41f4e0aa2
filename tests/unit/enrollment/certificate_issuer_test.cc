#include "controller/enrollment/certificate_issuer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "common/base/files.h"
#include "common/identity/identity_directory.h"
#include "common/identity/trust_store.h"
#include "controller/enrollment/fleet_init.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::testing {
namespace {

using controller::CertificateIssuer;
using controller::InitFleet;
using controller::IssuedCertificate;
using ::testing::HasSubstr;

constexpr absl::Duration kLife = absl::Hours(24 * 30);
constexpr absl::Duration kBackdate = absl::Minutes(5);

class CertificateIssuerTest : public ::testing::Test {
 protected:
  CertificateIssuerTest() {
    EXPECT_THAT(InitFleet("demo", directory_, {}, clock_.Now()), IsOk());
    absl::StatusOr<std::unique_ptr<CertificateIssuer>> issuer =
        CertificateIssuer::Load(directory_, kLife);
    EXPECT_THAT(issuer, IsOk());
    issuer_ = *std::move(issuer);
  }
  Certificate Own() const {
    return std::move(LoadIdentity(directory_ + "/identity")->certificates[0]);
  }
  absl::StatusOr<Identity> VerifyAsClient(const IssuedCertificate& issued) {
    const TrustStore clients = *TrustStore::FromPem(
        *ReadFile(directory_ + "/authorities/clients.pem"));
    return clients.Verify(*Certificate::FromDer(issued.certificates[0]), {},
                          clock_.Now());
  }

  FakeClock clock_;
  const TemporaryDirectory temporary_;
  const std::string directory_ = temporary_.File("controller");
  std::unique_ptr<CertificateIssuer> issuer_;
  const PrivateKey key_ = *PrivateKey::Generate();
  const std::string request_ = *key_.MakeSigningRequest();
};

TEST_F(CertificateIssuerTest, IssuesAgents) {
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const IssuedCertificate issued,
      issuer_->IssueAgent("web01", request_, clock_.Now()));
  EXPECT_EQ(*VerifyAsClient(issued), (Identity{Role::kAgent, "demo", "web01"}));
  EXPECT_EQ(issued.key_fingerprint, KeyFingerprint(key_.get()));
  EXPECT_EQ(issued.expires_at, clock_.Now() + kLife);
}

TEST_F(CertificateIssuerTest, IssuesBootstrapUntilTheTokensEnd) {
  const absl::Time end = clock_.Now() + absl::Hours(1);
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const IssuedCertificate issued,
      issuer_->IssueBootstrap("t1", request_, clock_.Now(), end));
  EXPECT_EQ(*VerifyAsClient(issued),
            (Identity{Role::kBootstrap, "demo", "t1"}));
  EXPECT_EQ(issued.expires_at, end);
}

TEST_F(CertificateIssuerTest, IssuesADelegateUntilItsDelegationEnds) {
  const absl::Time end = clock_.Now() + absl::Minutes(10);
  const Uuid job = Uuid::Generate(clock_.Now());
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const IssuedCertificate issued,
      issuer_->IssueDelegate("alice", job, request_, clock_.Now(), end));
  EXPECT_EQ(*VerifyAsClient(issued),
            (Identity{Role::kDelegate, "demo", "alice", job}));
  EXPECT_EQ(issued.expires_at, end);
}

TEST_F(CertificateIssuerTest, RefusesBadNamesAndRequests) {
  EXPECT_THAT(
      issuer_->IssueAgent("bootstrap/t1", request_, clock_.Now()),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("bootstrap/t1")));
  EXPECT_THAT(
      issuer_->IssueAgent("web01", "garbage", clock_.Now()),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("PKCS #10")));
}

// Renewed too late it expires; renewed each time it is asked, disks and logs
// fill.
TEST_F(CertificateIssuerTest, RenewsItsOwnAtTwoThirds) {
  const std::string first = Own().ToPem();
  const absl::Time due = clock_.Now() - kBackdate + (kLife + kBackdate) * 2 / 3;
  EXPECT_EQ(issuer_->RenewOwnIfDue(clock_.Now()), due);
  EXPECT_EQ(Own().ToPem(), first);

  clock_.Set(due);
  const absl::Time next = issuer_->RenewOwnIfDue(clock_.Now());
  EXPECT_NE(Own().ToPem(), first);
  EXPECT_EQ(Own().not_after(), clock_.Now() + kLife);
  EXPECT_EQ(next, Own().renew_at());
  EXPECT_EQ(*Own().identity(), *Certificate::FromPem(first)->identity());
}

// A controller that was off for months must come back by itself.
TEST_F(CertificateIssuerTest, RenewsWhatHasExpired) {
  clock_.Advance(kLife * 3);
  issuer_->RenewOwnIfDue(clock_.Now());
  EXPECT_GT(Own().not_after(), clock_.Now());
}

TEST_F(CertificateIssuerTest, FailedRenewalIsDueAgainSoon) {
  clock_.Advance(kLife);
  std::filesystem::remove_all(directory_ + "/identity");
  const absl::Time next = issuer_->RenewOwnIfDue(clock_.Now());
  EXPECT_GT(next, clock_.Now());
  EXPECT_LE(next, clock_.Now() + absl::Hours(1));
}

TEST_F(CertificateIssuerTest, NamesTheFileThatIsMissing) {
  std::filesystem::remove(directory_ + "/authorities/agents/key.pem");
  EXPECT_THAT(CertificateIssuer::Load(directory_, kLife),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("authorities/agents/key.pem")));
}

TEST_F(CertificateIssuerTest, RefusesFilesOfTwoFleets) {
  const std::string other = temporary_.File("other");
  TUTTI_ASSERT_OK(InitFleet("other", other, {}, clock_.Now()));
  for (const char* file : {"/certificate.pem", "/key.pem"}) {
    std::filesystem::copy(other + "/authorities/agents" + file,
                          directory_ + "/authorities/agents" + file,
                          std::filesystem::copy_options::overwrite_existing);
  }
  EXPECT_THAT(CertificateIssuer::Load(directory_, kLife),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("do not belong together")));
}

}  // namespace
}  // namespace tutti::testing
