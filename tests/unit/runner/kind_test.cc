#include "agent/runner/kinds/kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <map>
#include <optional>
#include <string>

#include "common/base/duration.h"
#include "common/base/files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::runner {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::tutti::testing::StatusIs;

class KindTest : public ::testing::Test {
 protected:
  KindTest() {
    settings_.query_program = "/usr/lib/tutti/tutti-query";
    settings_.copy_program = "/usr/lib/tutti/tutti-copy";
    settings_.manifests = directory_.path();
  }

  void Manifest(const std::string& name, const std::string& text) {
    ASSERT_TRUE(WriteFileAtomically(directory_.File(name + ".yaml"),
                                    "name: " + name + "\n" + text, 0644)
                    .ok());
  }
  absl::StatusOr<JobWork> Plan() {
    return PlanWork({spec_, secrets_}, settings_);
  }
  void AddIn(const std::string& name, const std::string& parameters) {
    spec_.mutable_add_in()->set_name(name);
    spec_.mutable_add_in()->set_parameters(parameters);
  }

  testing::TemporaryDirectory directory_;
  KindSettings settings_;
  tutti::v1::JobSpec spec_;
  std::map<std::string, std::optional<std::string>> secrets_;
};

TEST_F(KindTest, ACommandIsItsArgumentsAndSecretsAreVariables) {
  spec_.mutable_command()->add_arguments("echo");
  spec_.mutable_command()->add_arguments("a b");
  secrets_ = {{"TOKEN", "hunter2"}, {"UNKNOWN", std::nullopt}};
  TUTTI_ASSERT_OK_AND_ASSIGN(const JobWork work, Plan());
  EXPECT_THAT(work.arguments, ElementsAre("echo", "a b"));
  EXPECT_THAT(work.environment, ElementsAre(Pair("TOKEN", "hunter2")));
  EXPECT_FALSE(work.script.has_value());
  EXPECT_FALSE(work.input.has_value());
}

TEST_F(KindTest, AQueryHasTheLimitsOfTheHostAndKnowsWhereTheKindsAre) {
  settings_.query_limits.cpu = absl::Seconds(5);
  settings_.query_limits.rows = 4096;
  spec_.mutable_query()->set_sql("SELECT 1");
  TUTTI_ASSERT_OK_AND_ASSIGN(const JobWork work, Plan());
  EXPECT_THAT(work.arguments,
              ElementsAre("/usr/lib/tutti/tutti-query", "--cpu-limit=5",
                          "--memory-limit=268435456", "--rows-limit=4096",
                          "/proc/self/fd/9"));
  EXPECT_EQ(work.script->text, "SELECT 1");
  EXPECT_THAT(work.environment,
              Contains(Pair("TUTTI_KINDS_DIRECTORY", directory_.path())));
}

TEST_F(KindTest, ACopyGoesToItsProgramWhichTellsHowFarItIs) {
  tutti::v1::Copy& copy = *spec_.mutable_copy();
  copy.set_destination("/srv/a b");
  copy.set_manifest_digest(std::string(32, '\xab'));
  std::string digest;
  for (int i = 0; i < 32; ++i) digest += "ab";
  TUTTI_ASSERT_OK_AND_ASSIGN(JobWork work, Plan());
  EXPECT_THAT(work.arguments, ElementsAre("/usr/lib/tutti/tutti-copy", "place",
                                          "--manifest", digest, "/srv/a b"));
  EXPECT_TRUE(spec_.side_streams());
  copy.set_if_changed(true);
  copy.set_rate(5000);
  TUTTI_ASSERT_OK_AND_ASSIGN(work, Plan());
  EXPECT_THAT(work.arguments,
              ElementsAre("/usr/lib/tutti/tutti-copy", "place", "--manifest",
                          digest, "--if-changed", "--rate=5000", "/srv/a b"));
}

TEST_F(KindTest, AFetchSendsItsPaths) {
  tutti::v1::Fetch& fetch = *spec_.mutable_fetch();
  fetch.add_paths("/etc/hosts");
  fetch.add_paths("/srv/[a,b]");
  fetch.set_follow_links(true);
  fetch.set_rate(5000);
  TUTTI_ASSERT_OK_AND_ASSIGN(const JobWork work, Plan());
  EXPECT_THAT(work.arguments, ElementsAre("/usr/lib/tutti/tutti-copy", "gather",
                                          "--follow-links", "--rate=5000", "--",
                                          "/etc/hosts", "/srv/[a,b]"));
}

TEST_F(KindTest, AnAddInHasItsParametersAsJsonAndSecretsNowhereElse) {
  Manifest("deploy",
           "program: /bin/cat\n"
           "arguments: [-u]\n"
           "parameters:\n"
           "- {name: count, type: integer, default: 3}\n"
           "- {name: api-key, secret: true, required: true}\n"
           "- {name: left-out}\n");
  AddIn("deploy", "");
  secrets_["API_KEY"] = "hunter2";
  TUTTI_ASSERT_OK_AND_ASSIGN(JobWork work, Plan());
  EXPECT_THAT(work.arguments, ElementsAre("/bin/cat", "-u"));
  EXPECT_EQ(work.input, "{\"count\":3,\"api-key\":\"hunter2\"}\n");
  EXPECT_THAT(work.environment, ElementsAre(Pair("TUTTI_KIND", "deploy")));
  EXPECT_TRUE(spec_.side_streams());
  // A question whether it would start comes without values.
  secrets_["API_KEY"] = std::nullopt;
  EXPECT_TRUE(Plan().ok());
  secrets_.clear();
  EXPECT_THAT(Plan().status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("--secret API_KEY=@FILE")));
}

// It is for the tutti that the kind's program may run, not a parameter.
TEST_F(KindTest, AnAddInHasTheDelegationInItsEnvironment) {
  Manifest("report", "program: /bin/cat\n");
  AddIn("report", "{}");
  secrets_ = {{"TUTTI_DELEGATION", "pass"}};
  TUTTI_ASSERT_OK_AND_ASSIGN(const JobWork work, Plan());
  EXPECT_EQ(*work.input, "{}\n");
  EXPECT_THAT(work.environment, Contains(Pair("TUTTI_DELEGATION", "pass")));
}

TEST_F(KindTest, TheStricterLimitAndTheJobsOwnUserCount) {
  Manifest("deploy",
           "program: /bin/cat\nuser: daemon\nprogress: false\n"
           "limits: {timeout: 1h, memory: 64MiB, cpus: 0.5}\n"
           "environment: {A: manifest, B: manifest}\n");
  AddIn("deploy", "{}");
  tutti::v1::EnvironmentVariable& own = *spec_.add_environment();
  own.set_name("B");
  own.set_value("job");
  spec_.mutable_cgroup_limits()->set_memory_bytes(1 << 20);
  *spec_.mutable_timeout() = ToProto(absl::Hours(2));
  ASSERT_TRUE(Plan().ok());
  EXPECT_EQ(spec_.user(), "daemon");
  EXPECT_EQ(spec_.timeout().seconds(), 3600);
  EXPECT_EQ(spec_.cgroup_limits().memory_bytes(), uint64_t{1} << 20);
  EXPECT_EQ(spec_.cgroup_limits().milli_cpus(), 500u);
  EXPECT_EQ(spec_.environment_size(), 2);
  EXPECT_EQ(spec_.environment(0).value(), "job");
  EXPECT_FALSE(spec_.side_streams());
  spec_.set_user("nobody");
  *spec_.mutable_timeout() = ToProto(absl::Seconds(5));
  ASSERT_TRUE(Plan().ok());
  EXPECT_EQ(spec_.user(), "nobody");
  EXPECT_EQ(spec_.timeout().seconds(), 5);
}

TEST_F(KindTest, WhatIsNotThereIsRefusedWithWhatIs) {
  AddIn("deploy", "{}");
  EXPECT_THAT(Plan().status(), StatusIs(absl::StatusCode::kNotFound,
                                        HasSubstr("this target has none")));
  Manifest("deploi", "program: /bin/cat\n");
  Manifest("python", "program: /bin/cat\n");
  EXPECT_THAT(Plan().status(),
              StatusIs(absl::StatusCode::kNotFound,
                       "unknown kind 'deploy' (did you mean deploi?); this "
                       "target has deploi, python"));
}

// Whoever could write to it would run what they like as root.
TEST_F(KindTest, AFileThatOthersMayChangeIsRefused) {
  Manifest("deploy", "program: /bin/cat\n");
  AddIn("deploy", "{}");
  ASSERT_TRUE(Plan().ok());
  const std::string path = directory_.File("deploy.yaml");
  ASSERT_EQ(chmod(path.c_str(), 0666), 0);
  EXPECT_THAT(Plan().status(),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       AllOf(HasSubstr(path), HasSubstr("chmod go-w"))));
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  ASSERT_EQ(chmod(directory_.path().c_str(), 0777), 0);
  EXPECT_THAT(Plan().status(), StatusIs(absl::StatusCode::kPermissionDenied,
                                        HasSubstr("chmod go-w")));
}

TEST_F(KindTest, InputIsForKindsThatTakeIt) {
  Manifest("deploy", "program: /bin/cat\n");
  AddIn("deploy", "{}");
  spec_.mutable_input()->mutable_stream();
  EXPECT_THAT(Plan().status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("leave --stdin out")));
  Manifest("deploy", "program: /bin/cat\nstdin: true\n");
  EXPECT_TRUE(Plan().ok());
  spec_.mutable_terminal();
  EXPECT_THAT(Plan().status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("leave --tty out")));
}

TEST_F(KindTest, AJobWithoutAKindIsRefused) {
  EXPECT_THAT(Plan().status(), StatusIs(absl::StatusCode::kPermissionDenied,
                                        HasSubstr("upgrade the runner")));
}

}  // namespace
}  // namespace tutti::runner
