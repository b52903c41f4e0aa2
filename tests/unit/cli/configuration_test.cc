#include "controller/cli/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "common/base/files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::tutti::testing::StatusIs;

constexpr char kTwoFleets[] = R"(default_fleet: demo
fleets:
  demo:
    controllers: [one:7117, "[::1]:7117"]
    controller_authority: ../authorities/controllers.pem
    operator_authority: authority.pem
    certificate: admin/certificate.pem
    key: /keys/admin.pem
  prod:
    controllers: ctl.example.org:7117
    controller_authority: c.pem
    operator_authority: o.pem
    certificate: x.pem
    key: k.pem
)";

class ConfigurationTest : public ::testing::Test {
 protected:
  absl::StatusOr<FleetConfiguration> Load(std::string_view text,
                                          const std::string& fleet = "") {
    EXPECT_TRUE(WriteFileAtomically(path_, text, 0600).ok());
    return LoadFleet({.config = path_, .fleet = fleet});
  }

  ::tutti::testing::TemporaryDirectory directory_;
  const std::string path_ = directory_.File("config.yaml");
};

TEST_F(ConfigurationTest, PathsAreRelativeToTheFile) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const FleetConfiguration fleet, Load(kTwoFleets));
  EXPECT_EQ(fleet.fleet, "demo");
  EXPECT_THAT(fleet.controllers, ElementsAre("one:7117", "[::1]:7117"));
  EXPECT_EQ(fleet.certificate, directory_.path() + "/admin/certificate.pem");
  EXPECT_EQ(fleet.key, "/keys/admin.pem");
}

TEST_F(ConfigurationTest, FleetIsChosen) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const FleetConfiguration fleet,
                             Load(kTwoFleets, "prod"));
  EXPECT_THAT(fleet.controllers, ElementsAre("ctl.example.org:7117"));
  EXPECT_THAT(Load(kTwoFleets, "test"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("'test'"), HasSubstr("demo, prod"))));
}

TEST_F(ConfigurationTest, MistakesAreNamedWithLineAndKey) {
  EXPECT_THAT(
      Load("fleets:\n  demo:\n    controlers: [a:1]\n"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("config.yaml:3"), HasSubstr("controlers"),
                     HasSubstr("certificate"))));
  EXPECT_THAT(Load("default_fleet: demo\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("names no fleet")));
}

// If this fails, a slip in an address looks like a controller that is down.
TEST_F(ConfigurationTest, ControllersAreAddresses) {
  for (const char* bad : {"5", "127.0.0.1", "127.0.0.1:99999", "[::1]", "c:0",
                          "https://c:7117"}) {
    std::string text = kTwoFleets;
    const std::string former = "ctl.example.org:7117";
    text.replace(text.find(former), former.size(),
                 "[" + former + ", \"" + bad + "\"]");
    EXPECT_THAT(Load(text),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr("config.yaml:10: key "
                                         "'fleets.prod.controllers': '"),
                               HasSubstr(bad))));
  }
}

// If this fails, a new user is not told where a configuration comes from.
TEST_F(ConfigurationTest, MissingFileSaysHowToGetOne) {
  EXPECT_THAT(LoadFleet({.config = directory_.File("none.yaml"), .fleet = ""}),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr("none.yaml"), HasSubstr("TUTTI_CONFIG"),
                             HasSubstr("tutti-controller init"))));
}

TEST_F(ConfigurationTest, OptionGoesBeforeEnvironment) {
  setenv("TUTTI_CONFIG", "/from/environment.yaml", 1);
  EXPECT_EQ(*ConfigurationPath({}), "/from/environment.yaml");
  EXPECT_EQ(*ConfigurationPath({.config = "given.yaml", .fleet = ""}),
            "given.yaml");
  unsetenv("TUTTI_CONFIG");
  setenv("XDG_CONFIG_HOME", "/xdg", 1);
  EXPECT_EQ(*ConfigurationPath({}), "/xdg/tutti/config.yaml");
  unsetenv("XDG_CONFIG_HOME");
  setenv("HOME", "/home/me", 1);
  EXPECT_EQ(*ConfigurationPath({}), "/home/me/.config/tutti/config.yaml");
}

}  // namespace
}  // namespace tutti::cli
