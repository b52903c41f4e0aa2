#include "copy/manifest.h"

#include "tests/unit/copy/copy_fixture.h"

namespace tutti::copy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::tutti::testing::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

v1::CopyManifest MakeManifest() {
  v1::CopyManifest manifest;
  manifest.set_block_bytes(kSmallBlock);
  v1::CopyEntry& folder = *manifest.add_entries();
  folder.set_path("etc");
  folder.set_mode(0755);
  folder.mutable_directory();
  v1::CopyEntry& file = *manifest.add_entries();
  file.set_path("etc/motd");
  file.set_mode(0644);
  file.mutable_file()->set_size(3 * kSmallBlock);
  AppendBlock(std::string(kDigestBytes, 'a'), *file.mutable_file());
  AppendBlock("", *file.mutable_file());
  AppendBlock(std::string(kDigestBytes, 'b'), *file.mutable_file());
  return manifest;
}

TEST(ManifestTest, IsReadBack) {
  const v1::CopyManifest manifest = MakeManifest();
  TUTTI_ASSERT_OK_AND_ASSIGN(const std::string bytes,
                             SerializeManifest(manifest));
  TUTTI_ASSERT_OK_AND_ASSIGN(const v1::CopyManifest back, ReadManifest(bytes));
  EXPECT_EQ(back.SerializeAsString(), bytes);
  EXPECT_EQ(TotalsOf(back).files, 1u);
  EXPECT_EQ(TotalsOf(back).directories, 1u);
  EXPECT_EQ(TotalsOf(back).bytes, 3u * kSmallBlock);
}

TEST(ManifestTest, BlocksHaveNumbersInTheOrderOfFirstUse) {
  v1::CopyManifest manifest = MakeManifest();
  v1::CopyFile& file = *manifest.mutable_entries(1)->mutable_file();
  AppendBlock(std::string(kDigestBytes, 'a'), file);
  const std::vector<std::string_view> digests = DigestsOf(file);
  EXPECT_THAT(digests, ElementsAre(std::string(kDigestBytes, 'a'), "",
                                   std::string(kDigestBytes, 'b'),
                                   std::string(kDigestBytes, 'a')));
  const BlockNumbers numbers(manifest);
  EXPECT_EQ(numbers.size(), 2u);
  EXPECT_EQ(numbers.NumberOf(digests[0]), 0u);
  EXPECT_EQ(numbers.NumberOf(digests[2]), 1u);
}

TEST(ManifestTest, PathsOnlyLeadDown) {
  for (const std::string path :
       {"", "/etc", "a//b", "a/", ".", "..", "a/..", "a/./b", "../a"}) {
    EXPECT_THAT(CheckPath(path), StatusIs(kInvalid, HasSubstr("leads down")))
        << path;
  }
  EXPECT_THAT(CheckPath(std::string("a\0b", 3)),
              StatusIs(kInvalid, HasSubstr("NUL")));
  EXPECT_THAT(CheckPath(std::string(256, 'x')),
              StatusIs(kInvalid, HasSubstr("255 bytes")));
  TUTTI_EXPECT_OK(CheckPath("a/..b/.c/...\n\xff"));
}

TEST(ManifestTest, WhatBreaksARuleIsNamed) {
  struct Case {
    std::function<void(v1::CopyManifest&)> change;
    std::string error;
  };
  const std::vector<Case> cases = {
      {[](auto& m) { m.clear_entries(); }, "nothing to copy"},
      {[](auto& m) { m.set_block_bytes(5000); }, "power of two"},
      {[](auto& m) { m.set_block_bytes(2 << 20); }, "power of two"},
      {[](auto& m) { m.mutable_entries()->SwapElements(0, 1); },
       "'etc/motd' is in a folder that is no entry"},
      {[](auto& m) { *m.add_entries() = m.entries(1); }, "not in its place"},
      {[](auto& m) { m.mutable_entries(0)->set_path("var"); },
       "is not in its place"},
      {[](auto& m) { m.mutable_entries(0)->mutable_symlink(); },
       "points to nothing"},
      {[](auto& m) { m.mutable_entries(0)->set_mode(0100644); }, "a mode"},
      {[](auto& m) { m.mutable_entries(1)->clear_content(); }, "neither file"},
      {[](auto& m) {
         m.mutable_entries(1)->mutable_modified_at()->set_nanos(-1);
       },
       "a time"},
      {[](auto& m) {
         m.mutable_entries(1)->mutable_file()->set_size(2 * kSmallBlock);
       },
       "more blocks"},
      {[](auto& m) {
         m.mutable_entries(1)->mutable_file()->set_size(3 * kSmallBlock + 1);
       },
       "fewer blocks"},
      {[](auto& m) {
         m.mutable_entries(1)->mutable_file()->set_size(~uint64_t{0});
       },
       "more than a copy takes"},
      {[](auto& m) {
         m.mutable_entries(1)
             ->mutable_file()
             ->mutable_blocks(1)
             ->set_hole_blocks(~uint64_t{0});
       },
       "more blocks"},
      {[](auto& m) {
         m.mutable_entries(1)->mutable_file()->mutable_blocks(0)->set_digests(
             "short");
       },
       "run of blocks"},
  };
  for (const Case& each : cases) {
    v1::CopyManifest manifest = MakeManifest();
    each.change(manifest);
    EXPECT_THAT(CheckManifest(manifest),
                StatusIs(kInvalid, HasSubstr(each.error)));
  }
}

}  // namespace
}  // namespace tutti::copy
