// What must not happen: something else than what was signed in place, something
// outside of the destination, half a file, a lost one.
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "absl/cleanup/cleanup.h"
#include "common/identity/sha256.h"
#include "copy/destination.h"
#include "copy/manifest.h"
#include "copy/part_file.h"
#include "tests/unit/copy/copy_fixture.h"

namespace tutti::copy {
namespace {

namespace fs = std::filesystem;

using ::testing::_;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::tutti::testing::StatusIs;

class PlaceSafetyTest : public CopyTest {
 protected:
  // What a test of attacks must not be able to reach.
  testing::TemporaryDirectory outside_;
};

TEST_F(PlaceSafetyTest, AnotherManifestIsRefused) {
  WriteFile(Source("file"), "content");
  Pack({Source("file")});
  NextChannel().on_manifest = [](std::string& manifest) {
    manifest.back() = static_cast<char>(manifest.back() ^ 1);
  };
  EXPECT_THAT(PlaceAt(target_.path()),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("not the one that was signed")));
  EXPECT_THAT(NamesIn(target_.path()), IsEmpty());
  EXPECT_THAT(channel_->asked, IsEmpty());
}

TEST_F(PlaceSafetyTest, AnotherBlockIsRefused) {
  WriteFile(Target("file"), "old");
  WriteFile(Source("file"), Noise(10 * kSmallBlock, 1));
  for (const size_t which : {0, 5, 9}) {
    Pack({Source("file")});
    NextChannel().on_block = [which](size_t block, std::string& packed) {
      if (block == which) packed[100] = static_cast<char>(packed[100] ^ 1);
    };
    EXPECT_THAT(PlaceAt(Target("file")),
                StatusIs(absl::StatusCode::kDataLoss,
                         AllOf(HasSubstr(Target("file")),
                               HasSubstr("not what was signed"))));
    EXPECT_EQ(ReadWhole(Target("file")), "old");
    EXPECT_THAT(NamesIn(target_.path()), ElementsAre("file"));
  }
}

TEST_F(PlaceSafetyTest, ALinkThatIsPlantedLeadsNowhere) {
  fs::create_directories(Source("tree/sub"));
  WriteFile(Source("tree/sub/file"), "content");
  // Before: the folder is a link outwards.
  fs::create_directory(Target("tree"));
  fs::create_directory_symlink(outside_.path(), Target("tree/sub"));
  EXPECT_THAT(Copy({Source("tree")}, target_.path()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr(Target("tree/sub"))));
  EXPECT_THAT(NamesIn(outside_.path()), IsEmpty());
}

TEST_F(PlaceSafetyTest, ALinkThatIsPlantedMeanwhileLeadsNowhere) {
  fs::create_directories(Source("tree/a"));
  fs::create_directories(Source("tree/b"));
  WriteFile(Source("tree/a/file"), Noise(100, 1));
  WriteFile(Source("tree/b/file"), Noise(100, 2));
  fs::create_directories(Target("tree/a"));
  fs::create_directories(Target("tree/b"));
  Pack({Source("tree")});
  window_ = 1;
  NextChannel().on_block = [this](size_t block, std::string&) {
    if (block != 0) return;
    fs::remove_all(Target("tree/b"));
    fs::create_directory_symlink(outside_.path(), Target("tree/b"));
  };
  EXPECT_THAT(PlaceAt(target_.path()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr(Target("tree/b"))));
  EXPECT_THAT(NamesIn(outside_.path()), IsEmpty());
}

TEST_F(PlaceSafetyTest, ALinkInPlaceOfAFileIsReplacedAndNotFollowed) {
  WriteFile(outside_.File("victim"), "precious");
  fs::create_symlink(outside_.File("victim"), Target("file"));
  WriteFile(Source("file"), "content");
  TUTTI_ASSERT_OK(Copy({Source("file")}, target_.path()));
  EXPECT_FALSE(fs::is_symlink(Target("file")));
  EXPECT_EQ(ReadWhole(Target("file")), "content");
  EXPECT_EQ(ReadWhole(outside_.File("victim")), "precious");
}

TEST_F(PlaceSafetyTest, APartThatIsNotOursIsNotTaken) {
  WriteFile(Source("file"), Noise(3 * kSmallBlock, 1));
  Pack({Source("file")});
  const std::string part = Target(PartName("file", manifest_digest_));
  WriteFile(outside_.File("victim"), "precious", 0600);
  struct Case {
    std::string name;
    std::function<void()> make;
  };
  const std::vector<Case> cases = {
      {"link", [&] { fs::create_symlink(outside_.File("victim"), part); }},
      {"second name",
       [&] { fs::create_hard_link(outside_.File("victim"), part); }},
      {"writable by others", [&] { WriteFile(part, "x", 0666); }},
      {"pipe", [&] { ASSERT_EQ(mkfifo(part.c_str(), 0600), 0); }},
      {"of another user",
       [&] {
         WriteFile(part, "x", 0600);
         if (geteuid() == 0) {
           ASSERT_EQ(chown(part.c_str(), 12345, 1), 0);
         }
       }},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    each.make();
    TUTTI_EXPECT_OK(PlaceAt(Target("file")));
    EXPECT_EQ(ReadWhole(Target("file")), ReadWhole(Source("file")));
    EXPECT_EQ(ReadWhole(outside_.File("victim")), "precious");
    EXPECT_THAT(NamesIn(target_.path()), ElementsAre("file"));
    fs::remove(Target("file"));
  }
}

TEST_F(PlaceSafetyTest, TwoOfTheSameDoNotMix) {
  WriteFile(Source("file"), Noise(3 * kSmallBlock, 1));
  Pack({Source("file")});
  const FileDescriptor folder(
      open(target_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const PartFile other,
      PartFile::Make(folder.get(), PartName("file", manifest_digest_), "file"));
  EXPECT_THAT(PlaceAt(Target("file")),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr("another copy of the same")));
  EXPECT_THAT(channel_->asked, IsEmpty());
}

TEST_F(PlaceSafetyTest, AReaderSeesTheOldFileOrTheNewOne) {
  const std::string contents[] = {Noise(30 * kSmallBlock, 1),
                                  Noise(30 * kSmallBlock, 2)};
  WriteFile(Target("file"), contents[0]);
  std::atomic<bool> done = false;
  std::atomic<int> reads = 0;
  std::thread reader([&] {
    while (!done) {
      const std::string seen = ReadWhole(Target("file"));
      EXPECT_TRUE(seen == contents[0] || seen == contents[1])
          << seen.size() << " bytes of neither";
      ++reads;
    }
  });
  for (int i = 1; i < 40 || reads < 20; ++i) {
    WriteFile(Source("file"), contents[i % 2]);
    TUTTI_EXPECT_OK(Copy({Source("file")}, Target("file"), i % 3 == 0));
  }
  done = true;
  reader.join();
}

// A file system with 4 MiB, in a mount that only this process sees; false where
// that is not allowed.
bool MountSmallDisk(const std::string& path) {
  return unshare(CLONE_NEWNS) == 0 &&
         mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("tmpfs", path.c_str(), "tmpfs", 0, "size=4m") == 0;
}

TEST_F(PlaceSafetyTest, AFullDiskIsKnownBeforeAnythingIsAskedFor) {
  fs::create_directory(Target("disk"));
  if (!MountSmallDisk(Target("disk"))) GTEST_SKIP() << "no mount allowed";
  const absl::Cleanup unmount = [this] { umount(Target("disk").c_str()); };
  WriteFile(Target("disk/file"), "old");
  WriteFile(Source("file"), Noise(5 << 20, 1));
  EXPECT_THAT(Copy({Source("file")}, Target("disk/file")),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       AllOf(HasSubstr("no room for " + Target("disk/file")),
                             HasSubstr("needs 5.0 MiB"),
                             HasSubstr("4.0 MiB are free"))));
  EXPECT_THAT(channel_->asked, IsEmpty());
  EXPECT_EQ(ReadWhole(Target("disk/file")), "old");
  EXPECT_THAT(NamesIn(Target("disk")), ElementsAre("file"));
}

TEST_F(PlaceSafetyTest, ADiskThatFillsUpMeanwhileLosesNothing) {
  fs::create_directory(Target("disk"));
  if (!MountSmallDisk(Target("disk"))) GTEST_SKIP() << "no mount allowed";
  const absl::Cleanup unmount = [this] { umount(Target("disk").c_str()); };
  fs::create_directories(Source("tree"));
  WriteFile(Source("tree/a"), Noise(1 << 20, 1));
  WriteFile(Source("tree/b"), Noise(1 << 20, 2));
  fs::create_directories(Target("disk/tree"));
  WriteFile(Target("disk/tree/b"), "old");
  Pack({Source("tree")});
  NextChannel().on_block = [this](size_t block, std::string&) {
    if (block == 0) WriteFile(Target("disk/other"), Noise(5 << 19, 3));
  };
  EXPECT_THAT(PlaceAt(Target("disk")),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       AllOf(HasSubstr(Target("disk/tree/b")),
                             HasSubstr("1.0 MiB more are needed"),
                             HasSubstr("are free"))));
  EXPECT_EQ(ReadWhole(Target("disk/tree/b")), "old");
  EXPECT_THAT(NamesIn(Target("disk/tree")), ElementsAre("a", "b"));
}

TEST_F(PlaceSafetyTest, ALimitOfFilesIsAnErrorLikeAFullDisk) {
  signal(SIGXFSZ, SIG_IGN);
  rlimit old_limit = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  WriteFile(Target("file"), "old");
  WriteFile(Source("file"), Noise(100 * kSmallBlock, 1));
  Pack({Source("file")});
  const rlimit limit = {50 * kSmallBlock, old_limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  const absl::StatusOr<PlaceResult> result = PlaceAt(Target("file"));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &old_limit), 0);
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kResourceExhausted,
                               HasSubstr(Target("file"))));
  EXPECT_EQ(ReadWhole(Target("file")), "old");
  EXPECT_THAT(NamesIn(target_.path()), ElementsAre("file"));
  EXPECT_THAT(channel_->asked, IsEmpty());
}

TEST_F(PlaceSafetyTest, AFreshTreeThatFailsLeavesNothing) {
  MakeRandomTree(Source("tree"), 7);
  Pack({Source("tree")});
  NextChannel().on_block = [](size_t block, std::string& packed) {
    if (block == 5) packed.back() = static_cast<char>(packed.back() ^ 1);
  };
  EXPECT_THAT(PlaceAt(Target("copy")),
              StatusIs(absl::StatusCode::kDataLoss, _));
  EXPECT_THAT(NamesIn(target_.path()), IsEmpty());
}

}  // namespace
}  // namespace tutti::copy
