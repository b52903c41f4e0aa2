#include "controller/configuration/controller_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/base/files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::controller {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::tutti::testing::StatusIs;
using ::tutti::testing::TemporaryDirectory;

class ControllerSettingsTest : public ::testing::Test {
 protected:
  absl::StatusOr<ControllerSettings> Load(
      std::string_view text, const SettingOverrides& overrides = {}) {
    TUTTI_EXPECT_OK(WriteFileAtomically(path_, text, 0600));
    return LoadControllerSettings(path_, overrides);
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.File("controller.yaml");
};

TEST_F(ControllerSettingsTest, EveryKeyIsRead) {
  TUTTI_ASSERT_OK(MakeDirectories(directory_.File("fleet"), 0755));
  TUTTI_ASSERT_OK(
      WriteFileAtomically(directory_.File("groups.yaml"), "web: web*\n", 0644));
  TUTTI_ASSERT_OK_AND_ASSIGN(const ControllerSettings settings, Load(R"(
listen: ["[::1]:7117", "127.0.0.1:7117"]
directory: fleet
port_file: run/port
task_output_budget: 1MiB
total_output_budget: 2GiB
default_fanout: 50
operator_max_targets: {alice: 20, bob: 0}
offline_grace: 10s
lost_final: 2h
job_retention: 7d
max_jobs: 100
max_tasks: 5000
groups_file: groups.yaml
certificate_life: 1h
log_level: debug
)"));
  EXPECT_THAT(settings.listen, ElementsAre("[::1]:7117", "127.0.0.1:7117"));
  EXPECT_EQ(settings.directory, directory_.File("fleet"));
  EXPECT_EQ(settings.port_file, directory_.File("run/port"));
  EXPECT_EQ(settings.core.task_output_budget, 1u << 20);
  EXPECT_EQ(settings.core.total_output_budget, 2ull << 30);
  EXPECT_EQ(settings.core.default_fanout, 50u);
  EXPECT_EQ(settings.core.operator_max_targets.at("alice"), 20u);
  EXPECT_EQ(settings.core.operator_max_targets.at("bob"), 0u);
  EXPECT_EQ(settings.core.offline_grace, absl::Seconds(10));
  EXPECT_EQ(settings.core.lost_final, absl::Hours(2));
  EXPECT_EQ(settings.core.job_retention, absl::Hours(24 * 7));
  EXPECT_EQ(settings.core.max_jobs, 100u);
  EXPECT_EQ(settings.core.max_tasks, 5000u);
  ASSERT_EQ(settings.core.file_groups.groups.size(), 1u);
  EXPECT_EQ(settings.core.file_groups.path, directory_.File("groups.yaml"));
  EXPECT_EQ(settings.certificate_life, absl::Hours(1));
  EXPECT_EQ(settings.log_level, "debug");
}

TEST_F(ControllerSettingsTest, TheLocalRunnersSocketMayBeElsewhereOrNone) {
  EXPECT_EQ(Load("local_runner_socket: run/own.sock\n")->local_runner_socket,
            directory_.File("run/own.sock"));
  EXPECT_EQ(Load("local_runner_socket: \"\"\n")->local_runner_socket, "");
}

TEST_F(ControllerSettingsTest, AnEmptyFileMeansDefaults) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const ControllerSettings settings, Load(""));
  EXPECT_THAT(settings.listen, ElementsAre("[::]:7117"));
  EXPECT_EQ(settings.directory, directory_.path());
  EXPECT_EQ(settings.local_runner_socket,
            directory_.File("local/state/runner.sock"));
}

TEST_F(ControllerSettingsTest, AFlagWins) {
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const ControllerSettings settings,
      Load("max_jobs: 100\nlisten: \"[::]:1\"\n",
           {{"max_jobs", {"7"}}, {"listen", {"127.0.0.1:0"}}}));
  EXPECT_EQ(settings.core.max_jobs, 7u);
  EXPECT_THAT(settings.listen, ElementsAre("127.0.0.1:0"));
}

TEST_F(ControllerSettingsTest, MistakesInTheFileOfGroupsAreItsOwn) {
  TUTTI_ASSERT_OK(
      WriteFileAtomically(directory_.File("groups.yaml"), "\nweb: [\n", 0644));
  EXPECT_THAT(Load("groups_file: groups.yaml\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(directory_.File("groups.yaml") + ":")));
  EXPECT_THAT(Load("groups_file: nowhere.yaml\n"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("nowhere.yaml")));
}

// All at once, so that nobody mends a file line by line.
TEST_F(ControllerSettingsTest, EveryMistakeIsNamedWithLineAndKey) {
  EXPECT_THAT(
      Load("listen: nowhere\nmax_jobs: many\nlog_level: loud\n"
           "lost_finale: 3h\ntask_output_budget: 12\n"),
      StatusIs(
          absl::StatusCode::kInvalidArgument,
          AllOf(HasSubstr(":1: "), HasSubstr("listen"), HasSubstr(":2: "),
                HasSubstr("max_jobs"), HasSubstr(":3: "), HasSubstr("loud"),
                HasSubstr(":4: "), HasSubstr("lost_final"), HasSubstr(":5: "),
                HasSubstr("task_output_budget"))));
}

TEST_F(ControllerSettingsTest, AFolderThatIsNotThereIsNamed) {
  EXPECT_THAT(Load("directory: fleet\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("'directory'"), HasSubstr("/fleet"),
                             HasSubstr("tutti-controller init"))));
}

TEST_F(ControllerSettingsTest, AMistakeInAFlagIsNamed) {
  EXPECT_THAT(
      Load("", {{"lost_final", {"soon"}}}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--lost-final")));
}

TEST_F(ControllerSettingsTest, AMissingFileIsNamed) {
  EXPECT_THAT(LoadControllerSettings(directory_.File("none.yaml"), {}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none.yaml")));
}

}  // namespace
}  // namespace tutti::controller
