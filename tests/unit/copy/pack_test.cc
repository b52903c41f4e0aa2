#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "common/base/files.h"
#include "common/identity/sha256.h"
#include "copy/block.h"
#include "copy/manifest.h"
#include "tests/unit/copy/copy_fixture.h"

namespace tutti::copy {
namespace {

using ::testing::_;
using ::testing::HasSubstr;
using ::testing::Lt;
using ::tutti::testing::StatusIs;

class PackTest : public CopyTest {
 protected:
  v1::CopyManifest Manifest() {
    const absl::StatusOr<std::string> bytes = pack_->Manifest();
    EXPECT_THAT(bytes, testing::IsOk());
    EXPECT_EQ(Sha256(*bytes), manifest_digest_);
    return *ReadManifest(*bytes);
  }
  absl::Status PackError(const std::vector<std::string>& sources) {
    pack_options_.temporary_directory = target_.path();
    return WritePack(sources, pack_options_).status();
  }
};

TEST_F(PackTest, EachBlockIsThereOnceUnderItsNumber) {
  const std::string block = Noise(kSmallBlock, 1);
  WriteFile(Source("b"), block + Noise(100, 2));
  WriteFile(Source("a"), block + block + Noise(kSmallBlock, 3));
  // Read in another order than the manifest's.
  Pack({Source("b"), Source("a")});
  EXPECT_EQ(pack_->block_count(), 3u);
  const v1::CopyManifest manifest = Manifest();
  ASSERT_EQ(manifest.entries_size(), 2);
  EXPECT_EQ(manifest.entries(0).path(), "a");
  const BlockNumbers numbers(manifest);
  ASSERT_EQ(numbers.size(), pack_->block_count());
  BlockUnpacker unpacker;
  for (uint32_t number = 0; number < numbers.size(); ++number) {
    TUTTI_ASSERT_OK_AND_ASSIGN(const std::string packed, pack_->Block(number));
    const uint32_t bytes = number == 2 ? 100 : kSmallBlock;
    TUTTI_ASSERT_OK_AND_ASSIGN(const std::string_view plain,
                               unpacker.Unpack(packed, bytes));
    EXPECT_EQ(Sha256(plain), numbers.DigestOf(number));
  }
  EXPECT_THAT(pack_->Block(3), StatusIs(absl::StatusCode::kOutOfRange, _));
}

TEST_F(PackTest, ZerosAreNotStored) {
  WriteSparseFile(Source("sparse"), 1000 * kSmallBlock,
                  {{500 * kSmallBlock, "x"}});
  WriteFile(Source("zeros"), std::string(10 * kSmallBlock, '\0'));
  Pack({Source("sparse"), Source("zeros")});
  EXPECT_EQ(pack_->block_count(), 1u);
  const v1::CopyManifest manifest = Manifest();
  EXPECT_TRUE(manifest.entries(0).file().sparse());
  EXPECT_FALSE(manifest.entries(1).file().sparse());
  EXPECT_EQ(manifest.entries(1).file().blocks(0).hole_blocks(), 10u);
  EXPECT_THAT(pack_->manifest_bytes(), Lt(300));
}

TEST_F(PackTest, AFileThatChangesMeanwhileIsNamed) {
  WriteFile(Source("log"), Noise(10 * kSmallBlock, 1));
  const std::string path = Source("log");
  pack_options_.on_progress = [&path, done = false](uint64_t) mutable {
    if (std::exchange(done, true)) return;
    const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    EXPECT_EQ(pwrite(file.get(), "x", 1, 10 * kSmallBlock), 1);
  };
  EXPECT_THAT(PackError({path}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr(path + " changed while it was read")));
}

TEST_F(PackTest, WhatCanNotBePackedIsNamed) {
  EXPECT_THAT(PackError({Source("missing")}),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("cannot open " + Source("missing"))));
  ASSERT_EQ(mkfifo(Source("pipe").c_str(), 0600), 0);
  EXPECT_THAT(PackError({Source("pipe")}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(Source("pipe") + " is neither file")));
  // In a folder as well.
  EXPECT_THAT(PackError({source_.path()}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(Source("pipe") + " is neither file")));
  EXPECT_THAT(PackError({"/"}), StatusIs(absl::StatusCode::kInvalidArgument,
                                         HasSubstr("has no name")));
}

TEST_F(PackTest, TwoOfOneNameAreRefused) {
  std::filesystem::create_directories(Source("x/a"));
  std::filesystem::create_directories(Source("y/a"));
  EXPECT_THAT(PackError({Source("x/a"), Source("y/a/")}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("would have the same name")));
}

TEST_F(PackTest, LinksAreKeptOrFollowed) {
  WriteFile(Source("file"), "content");
  std::filesystem::create_symlink("file", Source("link"));
  Pack({Source("link")});
  EXPECT_EQ(Manifest().entries(0).symlink().target(), "file");
  pack_options_.source.follow_links = true;
  Pack({Source("link")});
  EXPECT_EQ(Manifest().entries(0).file().size(), 7u);
}

TEST_F(PackTest, AFollowedLinkThatLeadsBackIsRefused) {
  std::filesystem::create_directory(Source("folder"));
  std::filesystem::create_symlink("..", Source("folder/up"));
  pack_options_.source.follow_links = true;
  EXPECT_THAT(PackError({source_.path()}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("leads back to a folder above")));
}

TEST_F(PackTest, AnothersRightsAreNotPacked) {
  WriteFile(Source("program"), "x", 06755);
  Pack({Source("program")});
  EXPECT_EQ(Manifest().entries(0).mode(), 0755u);
  EXPECT_FALSE(Manifest().entries(0).has_owner());
  pack_options_.source.preserve_owner = true;
  Pack({Source("program")});
  EXPECT_EQ(Manifest().entries(0).mode(), 06755u);
  EXPECT_EQ(Manifest().entries(0).owner().user_number(), getuid());
}

TEST_F(PackTest, DotIsNamedAsTheFolderIs) {
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const std::vector<std::string> names,
      TopNames({source_.path() + "/.", target_.path() + "///"}));
  EXPECT_EQ(names[0], NameOf(source_.path()));
  EXPECT_EQ(names[1], NameOf(target_.path()));
}

// Every byte of the frame around the blocks, and every end.
TEST_F(PackTest, ADamagedPackGivesNothingWrong) {
  WriteFile(Source("file"), Noise(3 * kSmallBlock, 1));
  pack_options_.temporary_directory = target_.path();
  TUTTI_ASSERT_OK_AND_ASSIGN(WrittenPack written,
                             WritePack({Source("file")}, pack_options_));
  std::string whole;
  TUTTI_ASSERT_OK(ReadAt(written.file.get(), 0, written.file_bytes, "", whole));
  const auto open = [this](std::string_view content) {
    WriteFile(Target("pack"), content);
    return PackReader::Open(
        FileDescriptor(::open(Target("pack").c_str(), O_RDONLY)), "pack");
  };
  TUTTI_EXPECT_OK(open(whole));
  for (size_t end = 0; end < whole.size(); end += 61) {
    EXPECT_THAT(open(whole.substr(0, end)),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("pack")))
        << end;
  }
  const size_t behind_blocks = 3 * kSmallBlock;
  for (size_t at = behind_blocks - 30; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    const absl::StatusOr<PackReader> reader = open(damaged);
    if (!reader.ok()) continue;
    // What is opened gives the manifest that it names, or an error.
    const absl::StatusOr<std::string> manifest = reader->Manifest();
    if (manifest.ok()) {
      EXPECT_EQ(Sha256(*manifest), reader->manifest_digest());
    }
    for (uint32_t i = 0; i < reader->block_count(); ++i) {
      EXPECT_LE(reader->Block(i).value_or("").size(), whole.size());
    }
  }
}

}  // namespace
}  // namespace tutti::copy
