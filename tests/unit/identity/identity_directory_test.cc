#include "common/identity/identity_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "common/base/files.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/identity/test_identities.h"

namespace tutti::testing {
namespace {

using ::testing::HasSubstr;

class IdentityDirectoryTest : public ::testing::Test {
 protected:
  Credentials Make(const std::string& name) const {
    return MakeCredentials(agents_, {Role::kAgent, "demo", name}, now_);
  }
  static mode_t ModeOf(const std::string& path) {
    struct stat info = {};
    stat(path.c_str(), &info);
    return info.st_mode & 07777;
  }

  const absl::Time now_ = FakeClock().Now();
  const Authority agents_ = MakeAuthority(Role::kAgent, "demo", now_);
  const TemporaryDirectory temporary_;
  const std::string directory_ = temporary_.File("identity");
};

TEST_F(IdentityDirectoryTest, SaysWhenThereIsNone) {
  EXPECT_THAT(LoadIdentity(directory_),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(directory_)));
}

TEST_F(IdentityDirectoryTest, LoadsWhatWasSaved) {
  const Credentials saved = Make("web01");
  TUTTI_ASSERT_OK(SaveIdentity(directory_, saved));
  TUTTI_ASSERT_OK_AND_ASSIGN(const Credentials loaded,
                             LoadIdentity(directory_));
  EXPECT_EQ(loaded.CertificatesPem(), saved.CertificatesPem());
  EXPECT_EQ(loaded.key.ToPem(), saved.key.ToPem());
}

// Anybody who reads the key is that agent.
TEST_F(IdentityDirectoryTest, NobodyElseReadsTheKey) {
  TUTTI_ASSERT_OK(SaveIdentity(directory_, Make("web01")));
  EXPECT_EQ(ModeOf(directory_), 0700u);
  EXPECT_EQ(ModeOf(directory_ + "/current"), 0700u);
  EXPECT_EQ(ModeOf(directory_ + "/current/key.pem"), 0600u);
}

TEST_F(IdentityDirectoryTest, RefusesAKeyThatOthersCanRead) {
  TUTTI_ASSERT_OK(SaveIdentity(directory_, Make("web01")));
  chmod((directory_ + "/current/key.pem").c_str(), 0640);
  EXPECT_THAT(
      LoadIdentity(directory_),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("chmod 600")));
}

TEST_F(IdentityDirectoryTest, RefusesAKeyOfAnotherCertificate) {
  const std::string certificate = temporary_.File("certificate.pem");
  const std::string key = temporary_.File("key.pem");
  TUTTI_ASSERT_OK(
      WriteFileAtomically(certificate, Make("a").CertificatesPem(), 0644));
  TUTTI_ASSERT_OK(WriteFileAtomically(key, Make("b").key.ToPem(), 0600));
  EXPECT_THAT(LoadCredentials(certificate, key),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("does not fit")));
}

TEST_F(IdentityDirectoryTest, NamesTheFileThatIsDamaged) {
  const std::string certificate = temporary_.File("certificate.pem");
  const std::string key = temporary_.File("key.pem");
  TUTTI_ASSERT_OK(WriteFileAtomically(certificate, "x", 0644));
  TUTTI_ASSERT_OK(WriteFileAtomically(key, Make("b").key.ToPem(), 0600));
  EXPECT_THAT(
      LoadCredentials(certificate, key),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(certificate)));
}

// Old keys must not pile up beside the one in use.
TEST_F(IdentityDirectoryTest, ReplacesThePairAsAWhole) {
  TUTTI_ASSERT_OK(SaveIdentity(directory_, Make("web01")));
  const Credentials renewed = Make("web01");
  TUTTI_ASSERT_OK(SaveIdentity(directory_, renewed));
  TUTTI_ASSERT_OK_AND_ASSIGN(const Credentials loaded,
                             LoadIdentity(directory_));
  EXPECT_EQ(loaded.key.ToPem(), renewed.key.ToPem());
  const std::filesystem::directory_iterator entries(directory_);
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 2);
}

}  // namespace
}  // namespace tutti::testing
