// The store of packs. Where it fails, jobs refer to files that are not there,
// or the controller's disk fills up.
#include "controller/contents/content_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include "common/base/files.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/copy/copy_fixture.h"

namespace tutti::controller {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;

struct MadePack {
  std::string bytes;
  std::string digest;
};

class ContentStoreTest : public ::testing::Test {
 protected:
  void SetUp() override { Open(); }

  void Open(uint64_t limit = 1 << 20) {
    TUTTI_ASSERT_OK_AND_ASSIGN(store_,
                               ContentStore::Open(folder_, limit, clock_));
  }

  MadePack MakePack(uint32_t seed) {
    const std::string path = directory_.path() + "/source";
    copy::WriteFile(path, copy::Noise(10'000, seed));
    const auto pack = copy::WritePack({path}, {});
    EXPECT_THAT(pack.status(), IsOk());
    std::string bytes(pack->file_bytes, '\0');
    EXPECT_EQ(pread(pack->file.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
    return {std::move(bytes), pack->manifest_digest};
  }

  absl::Status Upload(const MadePack& pack) {
    absl::StatusOr<ContentUpload> upload =
        store_->Begin(pack.digest, pack.bytes.size());
    if (!upload.ok()) return upload.status();
    const std::string_view bytes = pack.bytes;
    const absl::Status written = upload->Write(bytes.substr(0, 100));
    if (!written.ok()) return written;
    const absl::Status rest = upload->Write(bytes.substr(100));
    return rest.ok() ? upload->Finish() : rest;
  }

  testing::FakeClock clock_;
  testing::TemporaryDirectory directory_;
  const std::string folder_ = directory_.path() + "/contents";
  std::unique_ptr<ContentStore> store_;
};

TEST_F(ContentStoreTest, GivesWhatItWasGivenAlsoAfterARestart) {
  const MadePack pack = MakePack(1);
  EXPECT_FALSE(store_->Contains(pack.digest));
  EXPECT_THAT(store_->Read(pack.digest).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("")));
  ASSERT_THAT(Upload(pack), IsOk());
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(store_->Contains(pack.digest));
    TUTTI_ASSERT_OK_AND_ASSIGN(const auto reader, store_->Read(pack.digest));
    EXPECT_EQ(reader->manifest_digest(), pack.digest);
    EXPECT_EQ(reader->block_count(), 1u);
    TUTTI_ASSERT_OK_AND_ASSIGN(const auto again, store_->Read(pack.digest));
    EXPECT_EQ(reader, again);
    Open();
  }
}

TEST_F(ContentStoreTest, KeepsNothingThatIsNotAPackOfThatManifest) {
  const MadePack pack = MakePack(1);
  MadePack other = MakePack(2);
  other.digest = pack.digest;
  EXPECT_THAT(Upload(other), StatusIs(absl::StatusCode::kInvalidArgument,
                                      HasSubstr("announced as")));
  MadePack damaged = pack;
  damaged.bytes.back() ^= 1;
  EXPECT_THAT(Upload(damaged), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("no pack")));
  {
    TUTTI_ASSERT_OK_AND_ASSIGN(
        ContentUpload upload,
        store_->Begin(pack.digest, pack.bytes.size() - 1));
    EXPECT_THAT(upload.Write(pack.bytes),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("")));
    EXPECT_THAT(upload.Finish(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("")));
  }
  EXPECT_THAT(store_->Begin("short", 1).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("")));
  EXPECT_FALSE(store_->Contains(pack.digest));
  EXPECT_THAT(copy::NamesIn(folder_), IsEmpty());
}

TEST_F(ContentStoreTest, WhatWasDamagedOnTheDiskCanBeSentAgain) {
  const MadePack pack = MakePack(1);
  ASSERT_THAT(Upload(pack), IsOk());
  const std::string path = folder_ + "/" + copy::NamesIn(folder_).at(0);
  store_->SetLimit(pack.bytes.size());
  for (const bool removed : {false, true}) {
    if (removed) {
      ASSERT_EQ(unlink(path.c_str()), 0);
    } else {
      ASSERT_EQ(truncate(path.c_str(), 100), 0);
    }
    EXPECT_THAT(store_->Read(pack.digest).status(),
                StatusIs(removed ? absl::StatusCode::kNotFound
                                 : absl::StatusCode::kDataLoss,
                         HasSubstr(path)));
    EXPECT_FALSE(store_->Contains(pack.digest));
    ASSERT_THAT(Upload(pack), IsOk());
    EXPECT_THAT(store_->Read(pack.digest).status(), IsOk());
  }
}

TEST_F(ContentStoreTest, TakesNoMoreThanItMayAndGivesRoomBack) {
  const MadePack first = MakePack(1);
  const MadePack second = MakePack(2);
  Open(first.bytes.size() + second.bytes.size() - 1);
  ASSERT_THAT(Upload(first), IsOk());
  // Another upload of the same takes its place.
  Open(2 * first.bytes.size());
  ASSERT_THAT(Upload(first), IsOk());
  store_->SetLimit(first.bytes.size() + second.bytes.size() - 1);
  EXPECT_THAT(Upload(second), StatusIs(absl::StatusCode::kResourceExhausted,
                                       HasSubstr("contents_limit")));
  clock_.Advance(ContentStore::kUnusedFor);
  store_->KeepOnly({});
  EXPECT_THAT(Upload(second), IsOk());
}

TEST_F(ContentStoreTest, RemovesWhatNoJobWants) {
  const MadePack used = MakePack(1);
  const MadePack wanted = MakePack(2);
  const MadePack unused = MakePack(3);
  ASSERT_THAT(Upload(used), IsOk());
  ASSERT_THAT(Upload(wanted), IsOk());
  ASSERT_THAT(Upload(unused), IsOk());
  store_->KeepOnly({used.digest});
  EXPECT_TRUE(store_->Contains(unused.digest));
  clock_.Advance(ContentStore::kUnusedFor / 2);
  EXPECT_TRUE(store_->Contains(wanted.digest));
  clock_.Advance(ContentStore::kUnusedFor / 2);
  store_->KeepOnly({used.digest});
  EXPECT_TRUE(store_->Contains(used.digest));
  EXPECT_TRUE(store_->Contains(wanted.digest));
  EXPECT_FALSE(store_->Contains(unused.digest));
  EXPECT_EQ(copy::NamesIn(folder_).size(), 2u);
}

TEST_F(ContentStoreTest, RemovesWhatArrivedByHalf) {
  copy::WriteFile(folder_ + "/upload-1.part", "half");
  Open();
  EXPECT_THAT(copy::NamesIn(folder_), IsEmpty());
}

}  // namespace
}  // namespace tutti::controller
