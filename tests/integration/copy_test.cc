// Files put in place on targets, through all programs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <random>
#include <string>
#include <system_error>
#include <vector>

#include "common/base/files.h"
#include "tests/integration/fleet_test.h"
#include "tests/support/wait.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// The targets are one host: a job reaches each by itself.
class CopyTest : public FleetTest {
 protected:
  // Bytes that do not compress.
  static std::string Noise(size_t size) {
    std::mt19937_64 random(size);
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    return bytes;
  }
  static void Write(const std::string& path, const std::string& content) {
    ASSERT_TRUE(WriteFileAtomically(path, content, 0640).ok());
  }
};

TEST_F(CopyTest, AFileOfManyBlocksArrivesWhole) {
  const std::string source = fleet().File("large");
  const std::string content = Noise((9 << 20) + 123);
  Write(source, content);
  const std::string destination = fleet().File("large.copy");
  const Finished run = fleet().Run(
      {"copy", "-t", "web1,web2,web3", "-f", "1", source, destination});
  ASSERT_EQ(run.status, 0) << run.output << run.error;
  EXPECT_THAT(run.output, HasSubstr("web1: changed 1 of 1 file, "));
  const auto copied = ReadFile(destination);
  ASSERT_TRUE(copied.ok());
  EXPECT_TRUE(*copied == content);
  struct stat info = {};
  ASSERT_EQ(stat(destination.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640u);
  EXPECT_THAT(fleet().Run({"job", "list", "--first", "1"}).output,
              HasSubstr("large →"));
}

TEST_F(CopyTest, AFolderOfManySmallFiles) {
  const std::string source = fleet().File("many");
  ASSERT_TRUE(MakeDirectories(source + "/below", 0755).ok());
  for (int i = 0; i < 300; ++i) {
    Write(source + "/below/" + std::to_string(i), std::to_string(i));
  }
  const std::string destination = fleet().File("many.copy");
  const std::vector<std::string> words = {"copy",         "-t",   "web1",
                                          "--if-changed", source, destination};
  const Finished run = fleet().Run(words);
  ASSERT_EQ(run.status, 0) << run.output << run.error;
  for (const int i : {0, 150, 299}) {
    const auto copied = ReadFile(destination + "/below/" + std::to_string(i));
    ASSERT_TRUE(copied.ok());
    EXPECT_EQ(*copied, std::to_string(i));
  }
}

TEST_F(CopyTest, WhatIsThereAlreadyIsLeftAsItIs) {
  const std::string source = fleet().File("same");
  Write(source, Noise(3 << 20));
  const std::vector<std::string> words = {
      "copy", "-t", "web1", "--if-changed", source, fleet().File("same.copy")};
  ASSERT_EQ(fleet().Run(words).status, 0);
  const Finished again = fleet().Run(words);
  EXPECT_EQ(again.status, 0) << again.error;
  EXPECT_EQ(again.output, "web1: nothing to change\n");
  // Nobody sees what the program asked for.
  for (const char* stream : {"stdout", "result"}) {
    const Finished seen =
        fleet().Run({"job", "receive", "last", "--stream", stream});
    EXPECT_EQ(seen.status, 0) << seen.error;
    EXPECT_THAT(seen.output, Not(HasSubstr("manifest")));
  }
}

TEST_F(CopyTest, NamesWithBracketsAreTakenAsTheyAre) {
  const std::string folder = fleet().File("brackets");
  ASSERT_TRUE(MakeDirectories(folder, 0755).ok());
  Write(folder + "/[a,b]", "brackets");
  const Finished run =
      fleet().Run({"copy", "-t", "web1", folder + "/[a,b]", folder + "/[c,d]"});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_EQ(*ReadFile(folder + "/[c,d]"), "brackets");
}

TEST_F(CopyTest, GoesOnAfterTheControllerWasKilled) {
  const std::string source = fleet().File("slow");
  const std::string content = Noise(4 << 20);
  Write(source, content);
  const std::string folder = fleet().File("slow.copy");
  ASSERT_TRUE(MakeDirectories(folder, 0755).ok());
  const auto copy = fleet().Start(
      {"copy", "-t", "web1", "--rate", "2M/s", source, folder + "/slow"});
  ASSERT_TRUE(WaitUntil([&] {
    return !std::filesystem::is_empty(folder);  // its part
  }));
  fleet().KillController();
  fleet().StartController();
  fleet().WaitForOnline(3);
  EXPECT_EQ(copy->Wait(), 0);
  EXPECT_TRUE(*ReadFile(folder + "/slow") == content);
}

TEST_F(CopyTest, AnUploadThatBreaksOffBeginsAnew) {
  const std::string source = fleet().File("upload");
  const std::string content = Noise(64 << 20);
  Write(source, content);
  const auto copy = fleet().Start(
      {"copy", "-t", "web1", source, fleet().File("upload.copy")});
  // What comes is there before it is whole. If all of it came before this looks
  // the copy itself has to go on, as in the test above.
  const std::string contents = fleet().ControllerDirectory() + "/contents";
  ASSERT_TRUE(WaitUntil([&] {
    uintmax_t largest = 0;
    for (const auto& entry : std::filesystem::directory_iterator(contents)) {
      std::error_code gone;
      const uintmax_t size = entry.file_size(gone);
      if (!gone) largest = std::max(largest, size);
    }
    return largest > (16 << 20);
  }));
  fleet().KillController();
  fleet().StartController();
  EXPECT_EQ(copy->Wait(), 0);
  EXPECT_TRUE(*ReadFile(fleet().File("upload.copy")) == content);
}

TEST_F(CopyTest, BadInputIsRefusedBeforeAnythingStarts) {
  const std::string source = fleet().File("small");
  Write(source, "small");
  const std::string before = fleet().Run({"job", "list", "-o", "names"}).output;
  struct Case {
    std::vector<std::string> words;
    std::string text;
  };
  for (const Case& bad :
       std::vector<Case>{{{"/etc/x"}, "nothing to copy"},
                         {{source, "etc/x"}, "absolute"},
                         {{source + ".not", "/etc/x"}, "small.not"},
                         {{"--rate", "fast", source, "/etc/x"}, "--rate"}}) {
    std::vector<std::string> words = {"copy", "-t", "web1"};
    words.insert(words.end(), bad.words.begin(), bad.words.end());
    const Finished run = fleet().Run(words);
    EXPECT_EQ(run.status, 2);
    EXPECT_THAT(run.error, HasSubstr(bad.text));
  }
  const Finished card =
      fleet().Run({"copy", "-t", "web1", "-n", source, "/etc/x"});
  EXPECT_EQ(card.status, 0);
  EXPECT_THAT(card.output, HasSubstr("1 file, 5 B"));
  EXPECT_EQ(fleet().Run({"job", "list", "-o", "names"}).output, before);
}

TEST_F(CopyTest, WhatCanNotBePutInPlaceSaysWhyAndIsTriedAgain) {
  const std::string source = fleet().File("again");
  Write(source, "again");
  const std::string folder = fleet().File("not-there");
  Finished run =
      fleet().Run({"copy", "-t", "web1", source, folder + "/x/again"});
  EXPECT_EQ(run.status, 1) << run.output << run.error;
  EXPECT_THAT(run.output + run.error, HasSubstr("not-there"));
  ASSERT_TRUE(MakeDirectories(folder + "/x", 0755).ok());
  // The controller has what is to be copied.
  ASSERT_EQ(unlink(source.c_str()), 0);
  run = fleet().Run({"job", "retry", "last"});
  EXPECT_EQ(run.status, 0) << run.output << run.error;
  EXPECT_EQ(*ReadFile(folder + "/x/again"), "again");
}

TEST_F(CopyTest, WhoMayNotWriteThereIsTold) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can be another user";
  const std::string source = fleet().File("mine");
  Write(source, "new");
  const std::string folder = fleet().File("roots");
  ASSERT_TRUE(MakeDirectories(folder, 0755).ok());
  // The way to it, but nothing in it.
  ASSERT_EQ(chmod(fleet().File("").c_str(), 0755), 0);
  Write(folder + "/file", "old");
  const Finished run = fleet().Run(
      {"copy", "-t", "web1", "-u", "nobody", source, folder + "/file"});
  EXPECT_EQ(run.status, 1) << run.output << run.error;
  EXPECT_THAT(run.output + run.error, HasSubstr(folder));
  EXPECT_EQ(*ReadFile(folder + "/file"), "old");
}

TEST_F(CopyTest, AnOfflineTargetIsServedWhenItComes) {
  const std::string source = fleet().File("later");
  const std::string content = Noise(2 << 20);
  Write(source, content);
  fleet().KillAgent("web3");
  fleet().WaitForOnline(2);
  const Finished started =
      fleet().Run({"copy", "-t", "web3", "-d", "--offline", "wait", source,
                   fleet().File("later.copy")});
  ASSERT_EQ(started.status, 0) << started.error;
  ASSERT_EQ(unlink(source.c_str()), 0);
  fleet().StartAgent("web3");
  const Finished waited = fleet().Run({"job", "wait", "last"});
  EXPECT_EQ(waited.status, 0) << waited.output << waited.error;
  EXPECT_TRUE(*ReadFile(fleet().File("later.copy")) == content);
}

// A file system of 4 MiB, which only this test and its programs see.
class CopyToASmallDiskTest : public CopyTest {
 protected:
  static void SetUpTestSuite() {
    const bool own =
        geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    CopyTest::SetUpTestSuite();
    const std::string disk = fleet().File("disk");
    ASSERT_TRUE(MakeDirectories(disk, 0755).ok());
    has_disk_ = own && mount("tmpfs", disk.c_str(), "tmpfs", 0,
                             "size=4m,mode=755") == 0;
  }
  static void TearDownTestSuite() {
    if (has_disk_) umount2(fleet().File("disk").c_str(), MNT_DETACH);
    CopyTest::TearDownTestSuite();
  }
  inline static bool has_disk_ = false;
};

TEST_F(CopyToASmallDiskTest, TheOldFileIsUntouchedWhenItIsFull) {
  if (!has_disk_) GTEST_SKIP() << "no file system can be mounted here";
  const std::string source = fleet().File("new");
  Write(source, Noise(6 << 20));
  const std::string folder = fleet().File("disk");
  const std::string file = folder + "/file";
  Write(file, "old");
  const Finished run = fleet().Run({"copy", "-t", "web1", source, file});
  EXPECT_EQ(run.status, 1) << run.output << run.error;
  EXPECT_THAT(run.output + run.error,
              AllOf(HasSubstr(folder), HasSubstr("6.0 MiB")));
  EXPECT_EQ(*ReadFile(file), "old");
  using Entries = std::filesystem::directory_iterator;
  EXPECT_EQ(std::distance(Entries(folder), Entries()), 1);
}

}  // namespace
}  // namespace tutti::testing
