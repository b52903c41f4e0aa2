// Files taken from targets, through all programs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "common/base/files.h"
#include "tests/integration/fleet_test.h"

namespace tutti::testing {
namespace {

namespace fs = std::filesystem;

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// The targets are one host, so what they send at one time is the same.
class FetchTest : public FleetTest {
 protected:
  static void Write(const std::string& path, const std::string& content,
                    mode_t mode = 0640) {
    ASSERT_TRUE(
        MakeDirectories(fs::path(path).parent_path().string(), 0755).ok());
    ASSERT_TRUE(WriteFileAtomically(path, content, mode).ok());
  }
  static std::string Read(const std::string& path) {
    return ReadFile(path).value_or("nothing at " + path);
  }
  static struct stat Look(const std::string& path) {
    struct stat info = {};
    EXPECT_EQ(lstat(path.c_str(), &info), 0) << path;
    return info;
  }
  // Bytes that do not compress.
  static std::string Noise(size_t size) {
    std::mt19937_64 random(size);
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    return bytes;
  }
  // Where what is at `path` on `target` is in `folder`.
  static std::string Fetched(const std::string& folder,
                             const std::string& target,
                             const std::string& path) {
    return folder + "/" + target + path;
  }
  static std::string Jobs() {
    return fleet().Run({"job", "list", "-o", "names"}).output;
  }
};

TEST_F(FetchTest, AFolderKeepsEverythingButItsOwners) {
  const std::string source = fleet().File("tree");
  Write(source + "/below/[a,b]", "odd", 0600);
  Write(source + "/with space", "spaced", 0755);
  Write(source + "/empty", "");
  const std::string sparse = source + "/sparse";
  Write(sparse, "");
  ASSERT_EQ(truncate(sparse.c_str(), 64 << 20), 0);
  fs::create_symlink("/etc/passwd", source + "/link");
  const std::string folder = fleet().File("tree.out");
  const Finished run =
      fleet().Run({"fetch", "-t", "web1,web2,web3", source, folder});
  ASSERT_EQ(run.status, 0) << run.output << run.error;
  EXPECT_EQ(run.output, "fetched 12 files, 192.0 MiB from 3 targets\n");
  for (const std::string target : {"web1", "web2", "web3"}) {
    const std::string at = Fetched(folder, target, source);
    EXPECT_EQ(Read(at + "/below/[a,b]"), "odd");
    EXPECT_EQ(Read(at + "/with space"), "spaced");
    EXPECT_EQ(Read(at + "/empty"), "");
    EXPECT_EQ(fs::read_symlink(at + "/link"), "/etc/passwd");
    EXPECT_EQ(Look(at + "/below/[a,b]").st_mode & 07777, 0600u);
    EXPECT_EQ(Look(at + "/with space").st_mode & 07777, 0755u);
    EXPECT_EQ(Look(at + "/with space").st_mtim.tv_nsec,
              Look(source + "/with space").st_mtim.tv_nsec);
    const struct stat hole = Look(at + "/sparse");
    EXPECT_EQ(hole.st_size, 64 << 20);
    EXPECT_LT(hole.st_blocks, 1000);
  }
}

TEST_F(FetchTest, ALargeFileArrivesWholeAndReplacesAnOlderOne) {
  const std::string source = fleet().File("large");
  const std::string content = Noise((20 << 20) + 123);
  Write(source, content);
  const std::string folder = fleet().File("large.out");
  Write(Fetched(folder, "web1", source), "older");
  const Finished run = fleet().Run({"fetch", "-t", "web1", source, folder});
  ASSERT_EQ(run.status, 0) << run.output << run.error;
  EXPECT_TRUE(Read(Fetched(folder, "web1", source)) == content);
  const Finished again =
      fleet().Run({"job", "retry", "last", "--only", "completed"});
  EXPECT_EQ(again.status, 2);
  EXPECT_THAT(again.error, HasSubstr("is a fetch"));
}

TEST_F(FetchTest, WhatIsMissingIsNamedAndTheRestComes) {
  const std::string source = fleet().File("there");
  Write(source, "there");
  const std::string folder = fleet().File("missing.out");
  const Finished run = fleet().Run(
      {"fetch", "-t", "web1", source, fleet().File("not-there"), folder});
  EXPECT_EQ(run.status, 1) << run.output << run.error;
  EXPECT_THAT(run.error, AllOf(HasSubstr("web1: "), HasSubstr("not-there")));
  EXPECT_EQ(Read(Fetched(folder, "web1", source)), "there");
  EXPECT_THAT(run.output, HasSubstr("fetched 1 file, 5 B from 1 target"));
}

TEST_F(FetchTest, GatheringKeepsOneCopyOfWhatIsTheSame) {
  const std::string source = fleet().File("common");
  Write(source + "/same", "same everywhere");
  Write(source + "/other", "at first");
  const std::string folder = fleet().File("common.out");
  const Finished run = fleet().Run(
      {"fetch", "-t", "web1,web2", "-b", source, folder, "-f", "1"});
  ASSERT_EQ(run.status, 0) << run.output << run.error;
  EXPECT_THAT(run.output, HasSubstr("/same: identical on web[1-2]\n"));
  const std::string first = Fetched(folder, "web1", source);
  const std::string second = Fetched(folder, "web2", source);
  EXPECT_EQ(Look(first + "/same").st_ino, Look(second + "/same").st_ino);
  EXPECT_EQ(Look(first + "/same").st_nlink, 2u);
  // Replaced in one of them, the other keeps its own.
  Write(source + "/other", "then");
  const Finished one =
      fleet().Run({"fetch", "-t", "web2", "-b", source, folder});
  ASSERT_EQ(one.status, 0) << one.output << one.error;
  EXPECT_EQ(Read(first + "/other"), "at first");
  EXPECT_EQ(Read(second + "/other"), "then");
}

// Nobody else takes what it sends.
TEST_F(FetchTest, AFetchThatIsLeftIsStoppedAndLeavesNoHalfFile) {
  const std::string source = fleet().File("slow");
  Write(source, Noise(4 << 20));
  const std::string folder = fleet().File("slow.out");
  const Finished run =
      fleet().Run({"fetch", "-t", "web1", "--name", "left", "--rate", "64K/s",
                   "--wait", "1s", source, folder});
  EXPECT_EQ(run.status, 7) << run.output << run.error;
  EXPECT_THAT(run.error, HasSubstr("is being stopped"));
  EXPECT_EQ(fleet().Run({"job", "wait", "left"}).status, 3);
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    EXPECT_TRUE(entry.is_directory()) << entry.path();
  }
}

TEST_F(FetchTest, JsonSaysWhatCameFromWhom) {
  const std::string source = fleet().File("json");
  Write(source, "json");
  const std::string folder = fleet().File("json.out");
  const Finished run = fleet().Run(
      {"fetch", "-t", "web1,web2", "--gather", "-o", "json", source, folder});
  ASSERT_EQ(run.status, 0) << run.output << run.error;
  const auto document = nlohmann::json::parse(run.output);
  EXPECT_EQ(document["v"], 1);
  EXPECT_EQ(document["targets"].size(), 2u);
  EXPECT_EQ(document["targets"][0]["files"], 1);
  EXPECT_EQ(document["targets"][0]["bytes"], 4);
  EXPECT_EQ(document["paths"][0]["copies"][0]["targets"], "web[1-2]");
  EXPECT_EQ(document["exit_status"], 0);
}

// A target can not lead what it sends out of its folder.
TEST_F(FetchTest, ALinkInTheFolderIsNotGoneThrough) {
  const std::string source = fleet().File("inside/file");
  Write(source, "inside");
  const std::string folder = fleet().File("link.out");
  const std::string outside = fleet().File("outside");
  ASSERT_TRUE(MakeDirectories(outside, 0755).ok());
  const std::string way =
      fs::path(Fetched(folder, "web1", source)).parent_path().string();
  ASSERT_TRUE(MakeDirectories(fs::path(way).parent_path().string(), 0755).ok());
  fs::create_symlink(outside, way);
  const Finished run = fleet().Run({"fetch", "-t", "web1", source, folder});
  EXPECT_EQ(run.status, 1) << run.output << run.error;
  EXPECT_THAT(run.error, HasSubstr("symbolic link"));
  EXPECT_TRUE(fs::is_empty(outside));
}

TEST_F(FetchTest, BadInputIsRefusedBeforeAnythingStarts) {
  const std::string file = fleet().File("no-folder");
  Write(file, "x");
  const std::string folder = fleet().File("bad.out");
  const std::string before = Jobs();
  struct Case {
    std::vector<std::string> words;
    std::string text;
  };
  for (const Case& bad : std::vector<Case>{
           {{"/etc/hosts"}, "nothing to fetch"},
           {{"etc/hosts", folder}, "absolute"},
           {{"/etc/../x", folder}, "goes up"},
           {{"/etc", "/etc/hosts", folder}, "within each other"},
           {{"/etc/hosts", file}, "is no folder"},
           {{"/etc/hosts", "/proc/tutti"}, "/proc/tutti"},
           {{"-d", "/etc/hosts", folder}, "-d"},
           {{"--stdin", "/etc/hosts", folder}, "--stdin"},
           {{"--on-interrupt", "detach", "/etc/hosts", folder}, "detach"},
           {{"--rate", "fast", "/etc/hosts", folder}, "--rate"}}) {
    std::vector<std::string> words = {"fetch", "-t", "web1"};
    words.insert(words.end(), bad.words.begin(), bad.words.end());
    const Finished run = fleet().Run(words);
    EXPECT_EQ(run.status, 2) << bad.text;
    EXPECT_THAT(run.error, HasSubstr(bad.text));
  }
  const Finished card =
      fleet().Run({"fetch", "-t", "web1", "-n", "/etc/hosts", folder});
  EXPECT_EQ(card.status, 0);
  EXPECT_THAT(card.output, HasSubstr("/etc/hosts"));
  EXPECT_FALSE(fs::exists(folder));
  EXPECT_EQ(Jobs(), before);
}

TEST_F(FetchTest, TargetsThatACopyChangedCanBeChosen) {
  const std::string source = fleet().File("changes");
  Write(source, "changes");
  const std::string destination = fleet().File("changes.copy");
  const Finished copied =
      fleet().Run({"copy", "-t", "web1,web2", "-f", "1", source, destination});
  ASSERT_EQ(copied.status, 0) << copied.error;
  // They are one host: the second one had nothing left to do.
  const Finished run =
      fleet().Run({"run", "-t", "@job:last:changed", "--", "echo", "reloaded"});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_THAT(run.output,
              AllOf(HasSubstr("web1: reloaded"), Not(HasSubstr("web2"))));
  const Finished wrong =
      fleet().Run({"run", "-t", "@job:last:changed", "--", "true"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.error, HasSubstr("only a copy"));
}

}  // namespace
}  // namespace tutti::testing
