#include "controller/cli/fetch/common_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "common/base/files.h"
#include "common/identity/sha256.h"
#include "controller/cli/fetch/fetch_report.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::cli {
namespace {

class CommonFilesTest : public ::testing::Test {
 protected:
  void Open(size_t tasks) {
    auto common = CommonFiles::Open(directory_.path(), 17, tasks);
    ASSERT_TRUE(common.ok()) << common.status();
    common_ = *std::move(common);
  }
  void Put(size_t task, const std::string& name, const std::string& content,
           uint32_t mode = 0644) {
    const std::string folder =
        directory_.File(std::string("web") + std::to_string(task));
    TUTTI_ASSERT_OK(MakeDirectories(folder + "/etc", 0755));
    TUTTI_ASSERT_OK(
        WriteFileAtomically(folder + "/etc/" + name, content, mode));
    TUTTI_ASSERT_OK(common_->Add(
        task, folder,
        {"etc/" + name, content.size(), mode, std::string(Sha256(content))}));
  }
  struct stat Look(const std::string& path) {
    struct stat info = {};
    EXPECT_EQ(stat(directory_.File(path).c_str(), &info), 0) << path;
    return info;
  }

  testing::TemporaryDirectory directory_;
  std::unique_ptr<CommonFiles> common_;
};

TEST_F(CommonFilesTest, EqualFilesAreOneWhateverTheyAreCalled) {
  Open(3);
  Put(0, "hosts", "one");
  Put(1, "hosts", "one");
  Put(1, "other", "one");
  Put(2, "hosts", "two");
  EXPECT_EQ(Look("web0/etc/hosts").st_ino, Look("web1/etc/other").st_ino);
  EXPECT_NE(Look("web0/etc/hosts").st_ino, Look("web2/etc/hosts").st_ino);
  const std::vector<std::string> names = {"web0", "web1", "web2"};
  EXPECT_EQ(CommonText(common_->paths(), names),
            "etc/hosts: identical on web[0-1]; another one on web2\n");
  common_.reset();
  EXPECT_EQ(Look("web0/etc/hosts").st_nlink, 3u);
  EXPECT_NE(access(directory_.File(".tutti-fetch-17").c_str(), F_OK), 0);
}

// One file has one mode.
TEST_F(CommonFilesTest, AnotherModeIsAnotherFile) {
  Open(2);
  Put(0, "key", "secret", 0600);
  Put(1, "key", "secret", 0644);
  EXPECT_EQ(Look("web0/etc/key").st_mode & 07777, 0600u);
  EXPECT_EQ(Look("web1/etc/key").st_mode & 07777, 0644u);
}

// If this fails, one target decides what another one's files hold.
TEST_F(CommonFilesTest, WhatReplacesAFileLaterIsNotShared) {
  Open(3);
  Put(0, "hosts", "one");
  TUTTI_ASSERT_OK(
      WriteFileAtomically(directory_.File("web0/etc/hosts"), "forged", 0644));
  Put(1, "hosts", "one");
  EXPECT_EQ(ReadFile(directory_.File("web1/etc/hosts")).value(), "one");
}

TEST_F(CommonFilesTest, MuchThatIsTheSameIsCounted) {
  CommonFiles::Paths paths;
  for (int i = 0; i < 30; ++i) paths[std::to_string(i)]["x"] = {true, true};
  EXPECT_EQ(CommonText(paths, {"a1", "a2"}), "30 files: identical on a[1-2]\n");
}

}  // namespace
}  // namespace tutti::cli
