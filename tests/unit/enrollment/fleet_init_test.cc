#include "controller/enrollment/fleet_init.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/files.h"
#include "common/configuration/yaml_file.h"
#include "common/identity/authority.h"
#include "common/identity/enrolled_target.h"
#include "common/identity/identity_directory.h"
#include "common/identity/trust_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::testing {
namespace {

using controller::FleetOptions;
using controller::InitFleet;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class FleetInitTest : public ::testing::Test {
 protected:
  absl::Status Init(const FleetOptions& options = {},
                    const std::string& fleet = "demo") const {
    return InitFleet(fleet, directory_, options, now_);
  }
  std::string Read(const std::string& name) const {
    return ReadFile(directory_ + "/" + name).value_or("");
  }
  // The controllers that operators/config.yaml names.
  std::vector<std::string> Advertised() const {
    YamlMap map = *YamlMap::Load(directory_ + "/operators/config.yaml");
    std::vector<std::string> controllers;
    map.GetMap("fleets").GetMap("demo").Get("controllers", controllers);
    return controllers;
  }

  const absl::Time now_ = FakeClock().Now();
  const TemporaryDirectory temporary_;
  const std::string directory_ = temporary_.File("controller");
};

TEST_F(FleetInitTest, MakesThreeAuthoritiesBoundToTheirDomains) {
  TUTTI_ASSERT_OK(Init());
  for (const auto& [folder, domain] :
       {std::pair("authorities/controllers", "controllers.demo"),
        std::pair("authorities/agents", "agents.demo"),
        std::pair("operators/authority", "operators.demo")}) {
    TUTTI_ASSERT_OK_AND_ASSIGN(
        const Authority authority,
        Authority::FromPem(Read(std::string(folder) + "/certificate.pem"),
                           Read(std::string(folder) + "/key.pem")));
    EXPECT_EQ(authority.domain(), domain);
    EXPECT_EQ(authority.certificate().not_after(),
              now_ + absl::Hours(24 * 365 * 10));
  }
}

TEST_F(FleetInitTest, FirstOperatorIsBelieved) {
  TUTTI_ASSERT_OK(Init({.operator_name = "alice"}));
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const Credentials alice,
      LoadCredentials(directory_ + "/operators/alice/certificate.pem",
                      directory_ + "/operators/alice/key.pem"));
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const TrustStore clients,
      TrustStore::FromPem(Read("authorities/clients.pem")));
  EXPECT_EQ(
      *clients.Verify(alice.certificates[0], {}, now_ + absl::Hours(24 * 364)),
      (Identity{Role::kOperator, "demo", "alice"}));
}

TEST_F(FleetInitTest, ControllerIsBelieved) {
  TUTTI_ASSERT_OK(Init());
  TUTTI_ASSERT_OK_AND_ASSIGN(const Credentials own,
                             LoadIdentity(directory_ + "/identity"));
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const TrustStore controllers,
      TrustStore::FromPem(Read("operators/controllers.pem")));
  TUTTI_ASSERT_OK_AND_ASSIGN(const Identity identity,
                             controllers.Verify(own.certificates[0], {}, now_));
  EXPECT_EQ(identity.role, Role::kController);
  EXPECT_EQ(identity.fleet, "demo");
}

// The operators' key beside the controller's would let it sign jobs.
TEST_F(FleetInitTest, OperatorsKeyIsInItsOwnFolderOnly) {
  TUTTI_ASSERT_OK(Init());
  const std::string key = Read("operators/authority/key.pem");
  ASSERT_NE(key, "");
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(directory_)) {
    if (!entry.is_regular_file()) continue;
    const std::string path = entry.path().string();
    if (path.find("/operators/authority/") != std::string::npos) continue;
    EXPECT_EQ(ReadFile(path)->find(key), std::string::npos) << path;
  }
}

TEST_F(FleetInitTest, NobodyElseReadsKeys) {
  TUTTI_ASSERT_OK(Init());
  int keys = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(directory_)) {
    if (entry.path().filename() != "key.pem") continue;
    ++keys;
    struct stat info = {};
    stat(entry.path().c_str(), &info);
    EXPECT_EQ(info.st_mode & 07777, 0600u) << entry.path();
  }
  EXPECT_EQ(keys, 5);
}

TEST_F(FleetInitTest, ConfigurationListensWhereAsked) {
  TUTTI_ASSERT_OK(Init({.listen = {"127.0.0.1:0", "[::1]:0"}}));
  YamlMap map = *YamlMap::Load(directory_ + "/controller.yaml");
  std::vector<std::string> listen;
  map.Get("listen", listen);
  TUTTI_EXPECT_OK(map.Finish());
  EXPECT_THAT(listen, ElementsAre("127.0.0.1:0", "[::1]:0"));
}

TEST_F(FleetInitTest, OperatorsFindTheController) {
  TUTTI_ASSERT_OK(Init({.controllers = {"tutti.example:7117"}}));
  EXPECT_THAT(Advertised(), ElementsAre("tutti.example:7117"));
}

TEST_F(FleetInitTest, AdvertisesTheHostWhenNothingIsSaid) {
  TUTTI_ASSERT_OK(Init());
  EXPECT_THAT(
      Advertised(),
      ElementsAre(AllOf(EndsWith(":7117"), ::testing::Not(HasSubstr("::")))));
}

// The folder is to be moved to where the operator works.
TEST_F(FleetInitTest, OperatorsConfigurationNamesFilesBesideIt) {
  TUTTI_ASSERT_OK(Init());
  YamlMap map = *YamlMap::Load(directory_ + "/operators/config.yaml");
  YamlMap fleet = map.GetMap("fleets").GetMap("demo");
  for (const char* key :
       {"controller_authority", "operator_authority", "certificate", "key"}) {
    std::string path;
    ASSERT_TRUE(fleet.Get(key, path)) << key;
    EXPECT_TRUE(std::filesystem::exists(directory_ + "/operators/" + path))
        << path;
  }
}

// Its runner would refuse every job otherwise.
TEST_F(FleetInitTest, TheControllersHostIsATarget) {
  TUTTI_ASSERT_OK(Init({.controllers = {"tutti.example:7117"}}));
  TUTTI_ASSERT_OK_AND_ASSIGN(const EnrolledTarget target,
                             LoadEnrolledTarget(directory_ + "/local/trust"));
  EXPECT_EQ(target.fleet, "demo");
  EXPECT_EQ(target.name, "local");
  EXPECT_EQ(Read("local/trust/operators.pem"),
            Read("operators/authority/certificate.pem"));
  EXPECT_THAT(Read("local/runner.yaml"),
              HasSubstr("state_directory: \"state\""));
  struct stat info = {};
  stat((directory_ + "/local/trust/operators.pem").c_str(), &info);
  EXPECT_EQ(info.st_mode & 07777, 0644u);
}

// Writing over a fleet would lose all of its agents and operators.
TEST_F(FleetInitTest, RefusesWhereAFleetIs) {
  TUTTI_ASSERT_OK(Init());
  const std::string before = Read("authorities/agents/key.pem");
  EXPECT_THAT(Init(), StatusIs(absl::StatusCode::kAlreadyExists,
                               AllOf(HasSubstr("controller.yaml exists"),
                                     HasSubstr("another --dir"))));
  EXPECT_EQ(Read("authorities/agents/key.pem"), before);
}

TEST_F(FleetInitTest, BadNamesAndAddressesLeaveNothingBehind) {
  EXPECT_THAT(Init({}, "Demo"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("Demo")));
  EXPECT_THAT(Init({.operator_name = "all"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("all")));
  EXPECT_THAT(Init({.operator_name = "authority"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("choose another")));
  EXPECT_THAT(Init({.listen = {"7117"}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("7117")));
  EXPECT_THAT(Init({.listen = {}}), StatusIs(absl::StatusCode::kInvalidArgument,
                                             HasSubstr("[::]:7117")));
  EXPECT_THAT(Init({.controllers = {"c1"}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("c1")));
  EXPECT_FALSE(std::filesystem::exists(directory_));
}

// Half a fleet would refuse the next try.
TEST_F(FleetInitTest, FailureLeavesNoHalfFleet) {
  TUTTI_ASSERT_OK(MakeDirectories(directory_, 0700));
  // Stands in the way of the last folder but one.
  std::filesystem::create_symlink("nowhere", directory_ + "/identity");
  EXPECT_FALSE(Init().ok());
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
  TUTTI_EXPECT_OK(Init());
}

}  // namespace
}  // namespace tutti::testing
