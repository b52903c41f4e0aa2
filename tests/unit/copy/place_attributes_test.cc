// Modes, owners, times, holes.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "copy/place.h"
#include "tests/unit/copy/copy_fixture.h"

namespace tutti::copy {
namespace {

namespace fs = std::filesystem;

using ::testing::Lt;

class PlaceAttributesTest : public CopyTest {
 protected:
  static struct stat Look(const std::string& path) {
    struct stat info = {};
    EXPECT_EQ(lstat(path.c_str(), &info), 0) << path;
    return info;
  }
};

TEST_F(PlaceAttributesTest, OwnersAreKeptWhenAsked) {
  if (geteuid() != 0) GTEST_SKIP() << "only root gives files away";
  WriteFile(Source("program"), "x", 06755);
  fs::create_symlink("program", Source("link"));
  ASSERT_EQ(lchown(Source("program").c_str(), 12345, 23456), 0);
  ASSERT_EQ(lchown(Source("link").c_str(), 1, 2), 0);
  ASSERT_EQ(chmod(Source("program").c_str(), 06755), 0);
  pack_options_.source.preserve_owner = true;
  TUTTI_ASSERT_OK(Copy({Source("program"), Source("link")}, target_.path()));
  EXPECT_EQ(Look(Target("program")).st_uid, 12345u);
  EXPECT_EQ(Look(Target("program")).st_gid, 23456u);
  EXPECT_EQ(Look(Target("program")).st_mode & 07777u, 06755u);
  EXPECT_EQ(Look(Target("link")).st_uid, 1u);
}

TEST_F(PlaceAttributesTest, OwnersAreOursOtherwise) {
  WriteFile(Source("program"), "x", 0755);
  if (geteuid() == 0) {
    ASSERT_EQ(chown(Source("program").c_str(), 12345, 23456), 0);
  }
  ASSERT_EQ(chmod(Source("program").c_str(), 06755), 0);
  TUTTI_ASSERT_OK(Copy({Source("program")}, target_.path()));
  EXPECT_EQ(Look(Target("program")).st_uid, geteuid());
  // The rights of its owner there are not those of its owner here.
  EXPECT_EQ(Look(Target("program")).st_mode & 07777u, 0755u);
}

TEST_F(PlaceAttributesTest, HolesStayHoles) {
  WriteSparseFile(Source("image"), 10'000 * kSmallBlock,
                  {{0, "begin"}, {5'000 * kSmallBlock + 100, "middle"}});
  TUTTI_ASSERT_OK(Copy({Source("image")}, target_.path()));
  EXPECT_EQ(ReadWhole(Target("image")), ReadWhole(Source("image")));
  EXPECT_THAT(AllocatedBytes(Target("image")), Lt(20 * kSmallBlock));
}

// Within a block of 1 MiB, too.
TEST_F(PlaceAttributesTest, SmallHolesStayHoles) {
  pack_options_.block_bytes = kBlockBytes;
  std::map<uint64_t, std::string> pieces;
  for (uint64_t i = 0; i < 64; ++i) pieces[i << 16] = "x";
  WriteSparseFile(Source("image"), 64 << 16, pieces);
  TUTTI_ASSERT_OK(Copy({Source("image")}, target_.path()));
  EXPECT_EQ(ReadWhole(Target("image")), ReadWhole(Source("image")));
  EXPECT_THAT(AllocatedBytes(Target("image")),
              Lt(AllocatedBytes(Source("image")) + (1 << 16)));
}

TEST_F(PlaceAttributesTest, ZerosOfAPlainFileHaveTheirRoom) {
  WriteFile(Source("zeros"), std::string(100 * kSmallBlock, '\0'));
  TUTTI_ASSERT_OK(Copy({Source("zeros")}, target_.path()));
  EXPECT_EQ(ReadWhole(Target("zeros")), ReadWhole(Source("zeros")));
  EXPECT_GE(AllocatedBytes(Target("zeros")), 100u * kSmallBlock);
}

TEST_F(PlaceAttributesTest, ModeAloneIsAChangeAndTimeIsNone) {
  WriteFile(Source("file"), "content", 0644);
  TUTTI_ASSERT_OK(Copy({Source("file")}, target_.path()));
  const ino_t inode = Look(Target("file")).st_ino;
  fs::last_write_time(Source("file"), fs::file_time_type::clock::now());
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const PlaceResult time,
      Copy({Source("file")}, target_.path(), /*if_changed=*/true));
  EXPECT_EQ(time.changed, 0u);
  ASSERT_EQ(chmod(Source("file").c_str(), 0600), 0);
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const PlaceResult mode,
      Copy({Source("file")}, target_.path(), /*if_changed=*/true));
  EXPECT_EQ(mode.changed, 1u);
  EXPECT_EQ(Snapshot(target_.path())["./file"],
            Snapshot(source_.path())["./file"]);
  EXPECT_EQ(Look(Target("file")).st_ino, inode) << "it was replaced";
}

}  // namespace
}  // namespace tutti::copy
