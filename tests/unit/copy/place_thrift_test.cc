// What is asked for: no more than is needed, nothing twice, not too fast.
#include <filesystem>

#include "copy/place.h"
#include "tests/unit/copy/copy_fixture.h"

namespace tutti::copy {
namespace {

namespace fs = std::filesystem;

using ::testing::_;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;
using ::tutti::testing::StatusIs;

using PlaceThriftTest = CopyTest;

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

TEST_F(PlaceThriftTest, ABlockIsAskedForOnceWhereverItStands) {
  const std::string block = Noise(kSmallBlock, 1);
  fs::create_directory(Source("tree"));
  WriteFile(Source("tree/a"), block + block);
  WriteFile(Source("tree/b"), Noise(kSmallBlock, 2) + block);
  WriteFile(Source("tree/c"), block);
  TUTTI_ASSERT_OK(Copy({Source("tree")}, Target("copy")));
  EXPECT_THAT(channel_->asked, ElementsAre(0, 1));
  EXPECT_EQ(Snapshot(Target("copy")), Snapshot(Source("tree")));
}

TEST_F(PlaceThriftTest, OnlyWhatDiffersIsSent) {
  std::string content = Noise(50 * kSmallBlock + 7, 1);
  WriteFile(Source("file"), content);
  TUTTI_ASSERT_OK(Copy({Source("file")}, target_.path()));
  content[20 * kSmallBlock + 3] ^= 1;
  content += "more";
  WriteFile(Source("file"), content);
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const PlaceResult result,
      Copy({Source("file")}, target_.path(), /*if_changed=*/true));
  EXPECT_EQ(ReadWhole(Target("file")), content);
  EXPECT_THAT(channel_->asked, SizeIs(2));
  EXPECT_THAT(result.received_bytes, Le(kSmallBlock + 1 + 12));
  EXPECT_EQ(result.changed, 1u);
}

TEST_F(PlaceThriftTest, WithoutComparingEverythingIsSent) {
  WriteFile(Source("file"), Noise(5 * kSmallBlock, 1));
  TUTTI_ASSERT_OK(Copy({Source("file")}, target_.path()));
  fs::last_write_time(Source("file"), fs::file_time_type::clock::now());
  TUTTI_ASSERT_OK(Copy({Source("file")}, target_.path()));
  EXPECT_THAT(channel_->asked, SizeIs(5));
}

TEST_F(PlaceThriftTest, GoesOnWithAPart) {
  WriteFile(Target("file"), "old");
  WriteFile(Source("file"), Noise(20 * kSmallBlock, 1));
  Pack({Source("file")});
  NextChannel().blocks_left = 12;
  EXPECT_THAT(PlaceAt(Target("file")), StatusIs(kUnavailable, _));
  EXPECT_EQ(ReadWhole(Target("file")), "old");
  EXPECT_THAT(NamesIn(target_.path()), SizeIs(2)) << "the part is gone";
  TUTTI_ASSERT_OK(PlaceAt(Target("file")));
  EXPECT_THAT(channel_->asked, SizeIs(8));
  EXPECT_EQ(ReadWhole(Target("file")), ReadWhole(Source("file")));
  EXPECT_THAT(NamesIn(target_.path()), ElementsAre("file"));
}

TEST_F(PlaceThriftTest, APartThatWasDamagedIsMended) {
  WriteSparseFile(Source("file"), 20 * kSmallBlock,
                  {{0, Noise(5 * kSmallBlock, 1)},
                   {15 * kSmallBlock, Noise(5 * kSmallBlock, 2)}});
  Pack({Source("file")});
  NextChannel().blocks_left = 5;
  EXPECT_THAT(PlaceAt(Target("file")), StatusIs(kUnavailable, _));
  // In a block that had come, in a hole, and where more was to come; and the
  // file is too long.
  const std::string part = Target(NamesIn(target_.path()).front());
  std::string content = ReadWhole(part);
  content[2 * kSmallBlock + 5] ^= 1;
  content[10 * kSmallBlock] = 'x';
  content[16 * kSmallBlock + 5000 % kSmallBlock] = 'x';
  WriteFile(part, content + "more", 0600);
  TUTTI_ASSERT_OK(PlaceAt(Target("file")));
  EXPECT_THAT(channel_->asked, SizeIs(6));
  EXPECT_EQ(ReadWhole(Target("file")), ReadWhole(Source("file")));
}

TEST_F(PlaceThriftTest, GoesOnWithAFreshTree) {
  MakeRandomTree(Source("tree"), 5);
  Pack({Source("tree")});
  size_t asked = 0;
  size_t tries = 0;
  while (true) {
    NextChannel().blocks_left = 3;
    const absl::StatusOr<PlaceResult> result = PlaceAt(Target("copy"));
    asked += channel_->blocks_given;
    if (result.ok()) break;
    ASSERT_THAT(result, StatusIs(kUnavailable, _));
    ASSERT_FALSE(fs::exists(Target("copy")));
    ASSERT_LT(++tries, 100u);
  }
  EXPECT_GT(tries, 3u);
  EXPECT_EQ(asked, pack_->block_count()) << "something was sent twice";
  EXPECT_EQ(Snapshot(Target("copy")), Snapshot(Source("tree")));
}

TEST_F(PlaceThriftTest, GoesOnWithATreeThatWasThere) {
  MakeRandomTree(Source("tree"), 6);
  fs::create_directory(Target("tree"));
  Pack({Source("tree")});
  NextChannel().blocks_left = pack_->block_count() - 1;
  EXPECT_THAT(PlaceAt(target_.path()), StatusIs(kUnavailable, _));
  TUTTI_ASSERT_OK(PlaceAt(target_.path()));
  EXPECT_THAT(channel_->asked, SizeIs(1));
  EXPECT_EQ(Snapshot(Target("tree")), Snapshot(Source("tree")));
}

TEST_F(PlaceThriftTest, NoMoreIsUnderWayThanTheWindow) {
  WriteFile(Source("file"), Noise(100 * kSmallBlock, 1));
  window_ = 10 * kSmallBlock;
  TUTTI_ASSERT_OK(Copy({Source("file")}, target_.path()));
  EXPECT_THAT(channel_->most_under_way, Le(10 * (kSmallBlock + 1)));
  window_ = 1;
  TUTTI_ASSERT_OK(Copy({Source("file")}, Target("other")));
  EXPECT_THAT(channel_->most_under_way, Le(kSmallBlock + 1));
}

TEST_F(PlaceThriftTest, ARateIsKept) {
  WriteFile(Source("file"), Noise(100 * kSmallBlock, 1));
  rate_ = 10 * kSmallBlock;
  const absl::Time begun = clock_.Now();
  TUTTI_ASSERT_OK_AND_ASSIGN(const PlaceResult result,
                             Copy({Source("file")}, target_.path()));
  const absl::Duration least = absl::Seconds(9);
  EXPECT_GE(clock_.Now() - begun, least);
  EXPECT_LE(clock_.Now() - begun, absl::Seconds(11));
  EXPECT_GE(result.received_bytes, 100u * kSmallBlock);
  // Evenly: not more than a second's worth is asked for at once.
  EXPECT_THAT(channel_->most_under_way, Le(rate_ + 11));
}

TEST_F(PlaceThriftTest, AnIdenticalFileTakesNothingAndLosesItsOldPart) {
  WriteFile(Source("file"), Noise(5 * kSmallBlock, 1));
  Pack({Source("file")});
  NextChannel().blocks_left = 2;
  EXPECT_THAT(PlaceAt(Target("file")), StatusIs(kUnavailable, _));
  fs::copy_file(Source("file"), Target("file"));
  TUTTI_ASSERT_OK(PlaceAt(Target("file"), /*if_changed=*/true));
  EXPECT_THAT(channel_->asked, IsEmpty());
  EXPECT_THAT(NamesIn(target_.path()), ElementsAre("file"));
}

}  // namespace
}  // namespace tutti::copy
