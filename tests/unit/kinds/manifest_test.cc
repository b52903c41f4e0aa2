#include "common/kinds/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "common/base/files.h"
#include "common/kinds/manifest_folder.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;
using ::tutti::testing::StatusIs;

constexpr char kPath[] = "/etc/tutti/kinds.d/deploy.yaml";

TEST(ManifestTest, SaysWhatIsStartedAndWithWhat) {
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const Manifest manifest,
      ParseManifest("name: deploy\nversion: 1.0\ndescription: d\n"
                    "program: bin/deploy\narguments: [-v, --all]\n"
                    "user: www\nstdin: true\nprogress: false\n"
                    "limits:\n  timeout: 10m\n  memory: 64MiB\n  cpus: 0.5\n"
                    "  max_processes: 20\n"
                    "environment:\n  A: b\n"
                    "parameters:\n"
                    "- name: version\n  required: true\n  pattern: 'v[0-9]+'\n"
                    "- {name: count, type: integer, default: 3}\n"
                    "- {name: parts, type: list, default: [a, b]}\n",
                    kPath));
  EXPECT_EQ(manifest.version, "1.0");
  EXPECT_EQ(manifest.program, "/etc/tutti/kinds.d/bin/deploy");
  EXPECT_THAT(manifest.arguments, ElementsAre("-v", "--all"));
  EXPECT_EQ(manifest.user, "www");
  EXPECT_EQ(manifest.timeout, absl::Minutes(10));
  EXPECT_EQ(manifest.memory_bytes, uint64_t{64} << 20);
  EXPECT_EQ(manifest.milli_cpus, 500u);
  EXPECT_EQ(manifest.processes, 20u);
  EXPECT_TRUE(manifest.takes_input);
  EXPECT_FALSE(manifest.side_streams);
  EXPECT_THAT(manifest.environment, ElementsAre(Pair("A", "b")));
  ASSERT_EQ(manifest.parameters.size(), 3u);
  EXPECT_TRUE(manifest.Find("version")->required);
  EXPECT_EQ(*manifest.Find("count")->default_value, 3);
  EXPECT_EQ(manifest.Find("parts")->default_value->dump(), "[\"a\",\"b\"]");
  EXPECT_EQ(manifest.Find("nothing"), nullptr);
}

// Whoever wrote it has to find the mistake.
TEST(ManifestTest, EachMistakeIsNamedWithItsLine) {
  struct Case {
    std::string text;
    std::string mistake;
  };
  for (const Case& bad : std::vector<Case>{
           {"", ":1: key 'name': is missing"},
           {"name: x\n", ":1: key 'name': 'x' is not what the file is called"},
           {"name: Deploy\n", "no name of an add-in"},
           {"name: query\n", "no kind of Tutti's own"},
           {"name: deploy\n", "key 'program': is missing"},
           {"name: deploy\nprogam: /x\n", ":2: key 'progam': unknown; did you"},
           {"progress: maybe\n", ":1: key 'progress'"},
           {"limits: {timeout: soon}\n", "key 'limits.timeout'"},
           {"limits: {timeout: 0}\n", "leaves no time to run"},
           {"limits: {cpus: none}\n", "no number of processors"},
           {"limits: {memory: 1KiB}\n", "give 1MiB or more"},
           {"limits: {max_processes: 0}\n", "give 1 or more"},
           {"environment: {TUTTI_JOB: x}\n", "'TUTTI_JOB' can not be set"},
           {"parameters: x\n", "where a list is expected"},
           {"parameters:\n- x\n", ":2: key 'parameters[0]': a single value"},
           {"parameters:\n- {type: string}\n", ":2: key 'parameters[0].name'"},
           {"parameters:\n- {name: A}\n", "no name of a parameter"},
           {"parameters:\n- {name: a, type: strin}\n", "'strin' is none of"},
           {"parameters:\n- {name: a, pattern: '['}\n", "no regular expr"},
           {"parameters:\n- {name: a, type: integer, default: x}\n",
            "key 'parameters[0].default': parameter 'a': 'x' is no whole"},
           {"parameters:\n- {name: a, default: [x, y]}\n", "type: list"},
           {"parameters:\n- {name: a, required: true, default: x}\n",
            "has none; leave it out"},
           {"parameters:\n- {name: a, enum: [x, y], default: z}\n",
            "'z' is none of x, y"},
           {"parameters:\n- {name: a, type: integer, enum: [1]}\n",
            "it is for texts"},
           {"parameters:\n- {name: a, enum: [x], pattern: x}\n",
            "leave one of them out"},
           {"parameters:\n- name: a-b\n- name: a_b\n", ":3: key"},
           {"parameters:\n- {name: a, requird: true}\n",
            "did you mean 'required'?"}}) {
    EXPECT_THAT(ParseManifest(bad.text, kPath).status(),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr(kPath), HasSubstr(bad.mistake))))
        << bad.text;
  }
}

TEST(ManifestTest, ATextThatIsNotUtf8IsRefused) {
  EXPECT_THAT(
      ParseManifest("name: deploy\nprogram: /bin/sh\n"
                    "description: Gr\xfc\xdf\n",
                    kPath)
          .status(),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not UTF-8")));
}

TEST(ManifestTest, ParametersGoThroughJsonAndBack) {
  TUTTI_ASSERT_OK_AND_ASSIGN(
      Manifest manifest,
      ParseManifest("name: deploy\nprogram: /bin/sh\nparameters:\n"
                    "- {name: a, enum: [x, y], default: x, description: d}\n"
                    "- {name: b, type: list, pattern: 'z+'}\n"
                    "- {name: c, secret: true, required: true}\n",
                    kPath));
  const nlohmann::ordered_json json = ParametersToJson(manifest);
  manifest.parameters = ParametersFromJson(json);
  EXPECT_EQ(ParametersToJson(manifest), json);
  EXPECT_TRUE(ParametersFromJson("x").empty());
  EXPECT_TRUE(
      ParametersFromJson(nlohmann::ordered_json::parse(R"([1, {"type": 2}])"))
          .empty());
}

class ManifestFolderTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text,
             mode_t mode = 0644) {
    ASSERT_TRUE(WriteFileAtomically(directory_.File(name), text, mode).ok());
  }
  const testing::TemporaryDirectory directory_;
};

TEST_F(ManifestFolderTest, TheProgramHasToBeThereAndRun) {
  Write("deploy.yaml", "name: deploy\nprogram: deploy\n");
  const auto status = [this] {
    return LoadManifest(directory_.path(), "deploy").status();
  };
  EXPECT_THAT(status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("deploy.yaml: key 'program'"),
                             HasSubstr("install it, or correct the path"))));
  Write("deploy", "#!/bin/sh\n");
  EXPECT_THAT(status(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                 HasSubstr("chmod +x it")));
  Write("deploy", "#!/bin/sh\n", 0755);
  TUTTI_EXPECT_OK(status());
  // Who may change it decides what runs, as with the manifest.
  const std::string program = directory_.File("deploy");
  ASSERT_EQ(chmod(program.c_str(), 0775), 0);
  EXPECT_THAT(status(), StatusIs(absl::StatusCode::kPermissionDenied,
                                 HasSubstr("chmod go-w it")));
  ASSERT_EQ(chmod(program.c_str(), 0755), 0);
  const std::string folder = directory_.File("open");
  ASSERT_EQ(mkdir(folder.c_str(), 0755), 0);
  ASSERT_EQ(chmod(folder.c_str(), 0777), 0);
  Write("open/deploy", "#!/bin/sh\n", 0755);
  Write("deploy.yaml", "name: deploy\nprogram: open/deploy\n");
  EXPECT_THAT(status(), StatusIs(absl::StatusCode::kPermissionDenied,
                                 HasSubstr("others may write to " + folder)));
}

TEST_F(ManifestFolderTest, SeveralMistakesAreOneLine) {
  Write("deploy.yaml", "name: x\nprogram: /bin/sh\nusr: y\n");
  const absl::Status status =
      LoadManifest(directory_.path(), "deploy").status();
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("key 'name'"), HasSubstr("; "),
                    HasSubstr("key 'usr'"), Not(HasSubstr("\n"))));
}

TEST_F(ManifestFolderTest, AllAreListedWithWhatIsWrong) {
  Write("b.yaml", "name: b\nprogram: /bin/sh\n");
  Write("a.yaml", "name: a\nprogram: /nothing\n");
  Write("notes.txt", "");
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto found,
                             LoadManifests(directory_.path()));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].name, "a");
  EXPECT_FALSE(found[0].manifest.ok());
  EXPECT_TRUE(found[1].manifest.ok());
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto none,
                             LoadManifests(directory_.File("nowhere")));
  EXPECT_TRUE(none.empty());
}

TEST_F(ManifestFolderTest, WhatOthersOwnIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  Write("deploy.yaml", "name: deploy\nprogram: /bin/sh\n");
  ASSERT_EQ(chown(directory_.File("deploy.yaml").c_str(), 12345, 12345), 0);
  EXPECT_THAT(LoadManifest(directory_.path(), "deploy").status(),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("chown it to root")));
}

// A pipe in its place would keep the reader waiting for ever.
TEST_F(ManifestFolderTest, OnlyFilesAreRead) {
  ASSERT_EQ(symlink("/dev/zero", directory_.File("deploy.yaml").c_str()), 0);
  EXPECT_THAT(
      LoadManifest(directory_.path(), "deploy").status(),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("is no file")));
}

}  // namespace
}  // namespace tutti
