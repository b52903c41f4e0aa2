// Kinds that targets bring along, and the streams that programs may have,
// through all programs.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/base/files.h"
#include "tests/integration/fleet_test.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::json;

class KindTest : public FleetTest {
 protected:
  // A kind whose program is a shell script, on these targets.
  static void AddKind(const std::string& name, const std::string& manifest,
                      const std::string& script,
                      const std::vector<std::string>& targets = {"web1"}) {
    for (const std::string& target : targets) {
      const std::string folder = fleet().AgentDirectory(target) + "/kinds.d";
      ASSERT_TRUE(MakeDirectories(folder, 0755).ok());
      ASSERT_TRUE(
          WriteFileAtomically(
              folder + "/" + name + ".yaml",
              fmt::format("name: {0}\nprogram: {0}\n{1}", name, manifest), 0644)
              .ok());
      ASSERT_TRUE(
          WriteFileAtomically(folder + "/" + name, "#!/bin/sh\n" + script, 0755)
              .ok());
    }
  }
  // One of those that come with Tutti.
  static void Install(const std::string& name) {
    const std::string folder = fleet().AgentDirectory("web1") + "/kinds.d";
    ASSERT_TRUE(MakeDirectories(folder, 0755).ok());
    for (const std::string& file :
         {name, name + ".yaml", std::string("ansible-callbacks")}) {
      std::filesystem::copy(
          std::string(TUTTI_SOURCE) + "/deploy/kinds/" + file,
          folder + "/" + file,
          std::filesystem::copy_options::recursive |
              std::filesystem::copy_options::overwrite_existing);
    }
    chmod((folder + "/" + name + ".yaml").c_str(), 0644);
  }
  static Finished RunKind(const std::string& name,
                          std::vector<std::string> options,
                          const std::string& target = "web1") {
    options.insert(options.begin(), {"kind", "run", name, "-q", "-t", target});
    return fleet().Run(options);
  }
  // Of the only task.
  static Json TaskOf(const Finished& run) {
    const Json document = Json::parse(run.output, nullptr, false);
    EXPECT_FALSE(document.is_discarded()) << run.output << run.error;
    return document.is_object() ? document["tasks"][0] : Json();
  }
};

TEST_F(KindTest, ProgramsHaveStreamsForMessagesAndResults) {
  const std::string text =
      "echo out; echo '{\"warning\": \"disk full\"}' >&3; "
      "echo '{\"verbose\": \"detail\"}' >&3; "
      "echo '{\"progress\": 0.5}' >&3; echo '{\"a\": 1}' >&4";
  const std::vector<std::string> run = {"run", "-q", "-t",       "web1",
                                        "-c",  text, "--streams"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), run.begin(), run.end());
    return fleet().Run(more);
  };
  const Finished plain = with({});
  EXPECT_EQ(plain.output, "web1: out\nweb1: {\"a\": 1}\n");
  EXPECT_EQ(plain.error, "web1: warning: disk full\n");
  EXPECT_THAT(with({"--verbose"}).error, HasSubstr("web1: verbose: detail\n"));
  EXPECT_EQ(with({"-b"}).output,
            "----------------\nweb1\n----------------\nout\n{\"a\": 1}\n");
  const Json task = TaskOf(with({"-o", "json"}));
  EXPECT_EQ(task["result"], Json::parse("{\"a\": 1}"));
  EXPECT_EQ(task["messages"].size(), 3u);
  EXPECT_THAT(with({"-o", "jsonl"}).output,
              AllOf(HasSubstr("\"stream\":\"message\",\"json\":{\"warning\":"),
                    HasSubstr("\"stream\":\"result\",\"json\":{\"a\":1}}")));
  EXPECT_THAT(fleet().Run({"job", "receive", "last", "--events"}).error,
              HasSubstr("web1: progress: 50 %\n"));
  EXPECT_EQ(
      fleet().Run({"job", "receive", "last", "--stream", "result"}).output,
      "web1: {\"a\": 1}\n");
  // Without the option there are none.
  const Finished none = fleet().Run({"run", "-t", "web1", "-c", "echo x >&3"});
  EXPECT_EQ(none.status, 1);
}

TEST_F(KindTest, AMessageMayBeLongAndNoJson) {
  const Finished run = fleet().Run(
      {"run", "-q", "-t", "web1", "--streams", "-c",
       "head -c 10485760 /dev/zero | tr '\\0' x >&3; echo >&3; echo end >&3"});
  EXPECT_EQ(run.status, 0);
  EXPECT_GT(run.error.size(), size_t{10} << 20);
  EXPECT_TRUE(run.error.ends_with("web1: end\n"));
}

TEST_F(KindTest, AKindHasItsParametersAndGivesItsResult) {
  AddKind("deploy",
          "parameters:\n- {name: version, required: true, pattern: 'v[0-9]+'}\n"
          "- {name: count, type: integer, default: 3}\n"
          "- {name: parts, type: list}\n",
          "read -r parameters; echo \"$TUTTI_KIND $parameters\"\n"
          "echo '{\"progress\": 1, \"message\": \"done\"}' >&3\n"
          "printf %s \"$parameters\" >&4\n");
  const Finished run = RunKind("deploy", {"-p", "version=v2", "-p", "parts=a",
                                          "-p", "parts=b c", "-o", "json"});
  ASSERT_EQ(run.status, 0) << run.error;
  const Json task = TaskOf(run);
  EXPECT_EQ(
      task["result"],
      Json::parse(R"({"version": "v2", "count": 3, "parts": ["a", "b c"]})"));
  EXPECT_THAT(task["stdout"].get<std::string>(), StartsWith("deploy {"));
  const std::string listed =
      fleet().Run({"job", "list", "--first", "1"}).output;
  EXPECT_THAT(listed, HasSubstr("deploy version=v2"));
  EXPECT_THAT(fleet().Run({"job", "list", "--kind", "deploy"}).output,
              HasSubstr("version=v2"));
}

TEST_F(KindTest, TheTargetRefusesWhatDoesNotFit) {
  AddKind("strict", "parameters: [{name: level, enum: [low, high]}]\n", "");
  AddKind("broken", "usr: x\n", "");
  struct Case {
    std::string kind;
    std::vector<std::string> options;
    std::string text;
  };
  for (const Case& bad : std::vector<Case>{
           {"strict", {"-p", "level=hig"}, "(did you mean high?)"},
           {"strict", {"-p", "lvel=low"}, "did you mean level?"},
           {"strct", {}, "unknown kind 'strct' (did you mean strict?)"},
           {"broken", {}, "broken.yaml:3: key 'usr': unknown"},
           {"strict", {"--secret", "PATH"}, "no secret parameter 'PATH'"}}) {
    const Finished run = RunKind(bad.kind, bad.options);
    EXPECT_EQ(run.status, 4) << bad.text << run.error;
    EXPECT_THAT(run.error, AllOf(HasSubstr("refused"), HasSubstr(bad.text)));
  }
  const std::string path =
      fleet().AgentDirectory("web1") + "/kinds.d/strict.yaml";
  ASSERT_EQ(chmod(path.c_str(), 0666), 0);
  EXPECT_THAT(RunKind("strict", {}).error,
              AllOf(HasSubstr(path), HasSubstr("chmod go-w it")));
}

TEST_F(KindTest, WhatWasSeenIsCheckedBeforeAnythingStarts) {
  AddKind("cached",
          "description: of a test\nversion: 7\n"
          "parameters: [{name: level, required: true, enum: [low, high]}]\n",
          "read -r parameters; echo \"$parameters\"\n", {"web1", "web2"});
  const Finished listed = fleet().Run({"kind", "list", "-t", "web[1-2]"});
  EXPECT_EQ(listed.status, 0) << listed.error;
  EXPECT_THAT(listed.output, AllOf(HasSubstr("KIND"), HasSubstr("web2"),
                                   HasSubstr("of a test")));
  const Finished shown = fleet().Run({"kind", "show", "cached", "-t", "web1"});
  EXPECT_THAT(shown.output,
              AllOf(HasSubstr("low|high"), HasSubstr("required")));
  EXPECT_EQ(fleet().Run({"kind", "show", "nothing", "-t", "web1"}).status, 2);
  const std::string before = fleet().Run({"job", "list", "-o", "names"}).output;
  for (const std::vector<std::string>& options :
       std::vector<std::vector<std::string>>{
           {"-p", "level=hig"}, {"-p", "levl=low"}, {}, {"-p", "level"}}) {
    const Finished run = RunKind("cached", options);
    EXPECT_EQ(run.status, 2) << run.error;
    EXPECT_THAT(run.error, StartsWith("tutti: "));
  }
  EXPECT_THAT(RunKind("cachd", {}).error, HasSubstr("did you mean cached?"));
  EXPECT_EQ(fleet().Run({"job", "list", "-o", "names"}).output, before);
  // In whichever order they come.
  EXPECT_THAT(RunKind("cached", {"-p", "level=low"}, "web[1-2]").output,
              AllOf(HasSubstr("web1: {\"level\":\"low\"}\n"),
                    HasSubstr("web2: {\"level\":\"low\"}\n")));
}

TEST_F(KindTest, SecretParametersAreInNoListingAndNoEnvironment) {
  AddKind("secretive",
          "parameters: [{name: api-key, secret: true, required: true}]\n",
          "read -r parameters; printf %s \"$parameters\" | wc -c\n"
          "env | grep -c hunter2\n");
  ASSERT_TRUE(WriteFileAtomically(fleet().File("key"), "hunter2\n", 0600).ok());
  const Finished run =
      RunKind("secretive", {"--secret", "api-key=@" + fleet().File("key")});
  EXPECT_EQ(run.output, "web1: 21\nweb1: 0\n") << run.error;
  EXPECT_THAT(fleet().Run({"job", "show", "last", "-o", "json"}).output,
              Not(HasSubstr("hunter2")));
  EXPECT_THAT(RunKind("secretive", {"-p", "api-key=hunter2"}).error,
              HasSubstr("--secret API_KEY=@FILE"));
}

TEST_F(KindTest, AKindMayBeFed) {
  AddKind("reader", "stdin: true\n", "read -r parameters; cat\n");
  const Finished run = fleet().Run(
      {"kind", "run", "reader", "-q", "-t", "web1", "--stdin"}, "fed\n");
  EXPECT_EQ(run.output, "web1: fed\n") << run.error;
  AddKind("deaf", "", "cat\n");
  EXPECT_THAT(
      fleet()
          .Run({"kind", "run", "deaf", "-q", "-t", "web1", "--stdin"}, "fed\n")
          .error,
      HasSubstr("takes no standard input"));
}

TEST_F(KindTest, ProgressIsLiveOnATerminal) {
  AddKind("slow", "",
          "echo '{\"progress\": 0.42, \"message\": \"half way\"}' >&3\n" +
              gate().Wait() + "\n");
  const auto window =
      OpenWindow({ProgramPath("tutti"), "kind", "run", "slow", "-t", "web1"});
  EXPECT_TRUE(window->WaitForScreen("web1: 42 % half way"));
  gate().Open();
  EXPECT_TRUE(window->WaitForScreen("[status 0]"));
  EXPECT_THAT(window->Screen(), Not(HasSubstr("half way")));
}

TEST_F(KindTest, PythonGivesItsResult) {
  Install("python");
  ASSERT_TRUE(WriteFileAtomically(
                  fleet().File("code.py"),
                  "import sys\nprogress(0.5, 'half')\nwarning('careful')\n"
                  "result = {'arguments': sys.argv[1:]}\n",
                  0600)
                  .ok());
  const Finished run =
      RunKind("python", {"-p", "code=@" + fleet().File("code.py"), "-p",
                         "arguments=a b", "-o", "json"});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_EQ(TaskOf(run)["result"], Json::parse(R"({"arguments": ["a b"]})"));
  const Finished failed = RunKind("python", {"-p", "code=1/0"});
  EXPECT_EQ(failed.status, 1);
  EXPECT_THAT(failed.error, HasSubstr("ZeroDivisionError"));
}

// In a root of its own, with a repository of one package in two versions.
constexpr char kMakeAptRoot[] = R"(
root=$0
mkdir -p $root/root/var/lib/dpkg/info $root/root/var/lib/dpkg/updates \
  $root/root/var/lib/apt/lists/partial $root/root/var/log/apt \
  $root/root/var/cache/apt/archives/partial $root/repository \
  $root/root/etc/apt/apt.conf.d $root/root/etc/apt/preferences.d
: > $root/root/var/lib/dpkg/status
for version in 1 2; do
  package=$root/tutti-demo_$version
  mkdir -p $package/DEBIAN $package/usr/share/tutti-demo
  echo $version > $package/usr/share/tutti-demo/version
  printf 'Package: tutti-demo\nVersion: %s\nArchitecture: all\n' $version \
    > $package/DEBIAN/control
  printf 'Maintainer: t <t@example.org>\nDescription: demo\n' \
    >> $package/DEBIAN/control
  dpkg-deb --root-owner-group --build $package $root/repository/$version.deb
done
dpkg --root=$root/root --log=/dev/null -i $root/repository/1.deb
cd $root/repository
dpkg-deb -f 2.deb > Packages
printf 'Filename: ./2.deb\nSize: %s\nSHA256: %s\n' $(stat -c %s 2.deb) \
  $(sha256sum 2.deb | cut -d' ' -f1) >> Packages
echo "deb [trusted=yes] file://$root/repository ./" \
  > $root/root/etc/apt/sources.list
cat > $root/apt.conf <<END
Dir "$root/root";
Dir::State::status "$root/root/var/lib/dpkg/status";
DPkg::Options { "--root=$root/root"; "--log=/dev/null"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
END
)";

TEST_F(KindTest, AptUpgradesAndTellsWhat) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can install packages";
  if (access("/usr/bin/apt-get", X_OK) != 0) GTEST_SKIP() << "no apt-get here";
  Install("apt-upgrade");
  const std::string root = fleet().File("apt");
  const Finished made =
      RunToEnd({{"/bin/sh", "-ec", kMakeAptRoot, root}, {}, "", ""});
  ASSERT_EQ(made.status, 0) << made.error;
  const std::string version = root + "/root/usr/share/tutti-demo/version";
  const std::string configuration = "APT_CONFIG=" + root + "/apt.conf";
  const Finished run = RunKind(
      "apt-upgrade",
      {"-p", "packages=tutti-demo", "--env", configuration, "-o", "json"});
  ASSERT_EQ(run.status, 0) << run.output << run.error;
  const Json task = TaskOf(run);
  EXPECT_EQ(task["result"]["upgraded"],
            Json::parse(R"([{"name": "tutti-demo", "from": "1", "to": "2"}])"));
  EXPECT_THAT(task["messages"].dump(), HasSubstr("Unpacking tutti-demo"));
  EXPECT_EQ(ReadFile(version).value_or(""), "2\n");
  // Neither to be removed, nor a pattern of what is.
  for (const std::string name : {"tutti-demo-", "tutti-dem."}) {
    const Finished wrong = RunKind(
        "apt-upgrade",
        {"-p", "packages=" + name, "--env", configuration, "-o", "json"});
    EXPECT_THAT(wrong.output, Not(HasSubstr("\"name\": \"tutti-demo\"")));
    EXPECT_EQ(ReadFile(version).value_or(""), "2\n");
  }
  const Finished again = RunKind("apt-upgrade", {"-p", "dry-run=true", "--env",
                                                 configuration, "-o", "json"});
  EXPECT_EQ(TaskOf(again)["result"]["upgraded"], Json::array());
}

TEST_F(KindTest, AnsibleTellsOfEachTaskAndOfHosts) {
  if (access("/usr/bin/ansible-playbook", X_OK) != 0) {
    GTEST_SKIP() << "no ansible-playbook here";
  }
  Install("ansible-playbook");
  ASSERT_TRUE(WriteFileAtomically(fleet().File("play.yaml"),
                                  "- hosts: all\n  gather_facts: false\n"
                                  "  tasks:\n"
                                  "  - name: greet\n"
                                  "    debug: {msg: 'hello {{ who }}'}\n"
                                  "  - name: change\n"
                                  "    command: echo\n",
                                  0600)
                  .ok());
  const Finished run = RunKind(
      "ansible-playbook", {"-p", "playbook=@" + fleet().File("play.yaml"), "-p",
                           "extra-vars={who: world}", "-o", "json"});
  ASSERT_EQ(run.status, 0) << run.output << run.error;
  const Json task = TaskOf(run);
  EXPECT_THAT(task["stdout"].get<std::string>(), HasSubstr("hello world"));
  EXPECT_EQ(task["messages"][1],
            Json::parse(R"({"progress": 0.5, "message": "change"})"));
  EXPECT_EQ(task["result"]["localhost"]["changed"], 1);
}

}  // namespace
}  // namespace tutti::testing
