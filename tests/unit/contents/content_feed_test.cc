// What copy tasks are fed with. Where the numbers of chunks come out otherwise
// after a restart, files are put together wrongly and refused on the target.
#include "controller/contents/content_feed.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/signing/input_chunk.h"
#include "common/signing/input_verifier.h"
#include "controller/contents/content_store.h"
#include "copy/frames.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/copy/copy_fixture.h"
#include "tutti/v1/copy.pb.h"

namespace tutti::controller {
namespace {

using ::testing::HasSubstr;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;

class ContentFeedTest : public ::testing::Test {
 protected:
  void SetUp() override {
    key_.set_job_uuid(std::string(16, 'u'));
    key_.set_attempt(2);
    key_.set_target("web01");
    // Four blocks that do not compress, the last one shorter.
    const std::string path = directory_.path() + "/source";
    copy::WriteFile(path, copy::Noise((3 << 20) + 5, 1));
    TUTTI_ASSERT_OK_AND_ASSIGN(const auto pack, copy::WritePack({path}, {}));
    digest_ = pack.manifest_digest;
    TUTTI_ASSERT_OK_AND_ASSIGN(
        store_, ContentStore::Open(directory_.path() + "/contents", 1ull << 30,
                                   clock_));
    TUTTI_ASSERT_OK_AND_ASSIGN(ContentUpload upload,
                               store_->Begin(digest_, pack.file_bytes));
    std::string bytes(pack.file_bytes, '\0');
    ASSERT_EQ(pread(pack.file.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
    ASSERT_THAT(upload.Write(bytes), IsOk());
    ASSERT_THAT(upload.Finish(), IsOk());
  }

  std::string PackPath() const {
    return fmt::format(
        "{}/contents/{}.pack", directory_.path(),
        absl::BytesToHexString({digest_.data(), digest_.size()}));
  }

  static std::string Manifest() {
    v1::CopyRequest request;
    request.mutable_manifest();
    return Framed(request);
  }
  static std::string Blocks(const std::vector<uint32_t>& numbers) {
    v1::CopyRequest request;
    request.mutable_blocks()->mutable_numbers()->Assign(numbers.begin(),
                                                        numbers.end());
    return Framed(request);
  }
  static std::string Framed(const v1::CopyRequest& request) {
    std::string stream;
    copy::AppendFrame(request.SerializeAsString(), stream);
    return stream;
  }

  // All that a new feed gives for these requests from that chunk on.
  ContentChunks Feed(const std::vector<std::string>& requests, uint64_t from) {
    ContentFeed feed(key_, digest_);
    ContentChunks all;
    for (const std::string& request : requests) {
      std::string_view rest = request;
      bool more = true;
      while (more) {
        auto fed = feed.Step(*store_, rest, from);
        EXPECT_THAT(fed.status(), IsOk());
        if (!fed.ok()) return all;
        rest = {};
        more = fed->more;
        if (!fed->chunks.empty()) {
          EXPECT_EQ(fed->number, from + all.size());
        }
        all.insert(all.end(), fed->chunks.begin(), fed->chunks.end());
        EXPECT_LE(fed->chunks.size(), (1u << 20) / kMaxInputChunkBytes + 1);
      }
    }
    return all;
  }

  testing::FakeClock clock_;
  testing::TemporaryDirectory directory_;
  v1::AttemptKey key_;
  std::string digest_;
  std::unique_ptr<ContentStore> store_;
};

TEST_F(ContentFeedTest, AnswersInOrderWithChunksThatATargetTakes) {
  const ContentChunks chunks =
      Feed({Manifest(), Blocks({2, 3}), Blocks({0})}, 0);
  TUTTI_ASSERT_OK_AND_ASSIGN(
      InputVerifier verifier,
      InputVerifier::Create(std::nullopt, key_, /*has_terminal=*/false, {}));
  std::string stream;
  for (const auto& chunk : chunks) {
    TUTTI_ASSERT_OK_AND_ASSIGN(const auto content, verifier.Check(*chunk));
    ASSERT_TRUE(content.has_value());
    stream += content->data();
  }
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto pack, store_->Read(digest_));
  std::string expected;
  copy::AppendFrame(*pack->Manifest(), expected);
  for (const uint32_t number : {2, 3, 0}) {
    copy::AppendFrame(*pack->Block(number), expected);
  }
  EXPECT_TRUE(stream == expected);
}

TEST_F(ContentFeedTest, GoesOnAtAnyChunkHoweverTheRequestsAreSplit) {
  const std::vector<std::string> requests = {Manifest(), Blocks({2, 3}),
                                             Blocks({0, 1})};
  const ContentChunks all = Feed(requests, 0);
  const std::string joined = requests[0] + requests[1] + requests[2];
  std::vector<std::string> bytes;
  for (const char byte : joined) bytes.emplace_back(1, byte);
  for (const auto& split : {bytes, {joined}, requests}) {
    for (const uint64_t from : {uint64_t{0}, uint64_t{1}, uint64_t{2},
                                uint64_t{40}, all.size() - 1, all.size()}) {
      const ContentChunks rest = Feed(split, from);
      ASSERT_EQ(rest.size(), all.size() - from);
      for (size_t i = 0; i < rest.size(); ++i) {
        ASSERT_TRUE(*rest[i] == *all[from + i]);
      }
    }
  }
}

// What was sent before a restart of the controller may be a terabyte.
TEST_F(ContentFeedTest, PassesOverWhatWasTakenWithoutReadingIt) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto pack, store_->Read(digest_));
  const std::vector<std::string> requests = {Manifest(), Blocks({0, 1})};
  const ContentChunks all = Feed(requests, 0);
  // Without its blocks it can be told how long they are, and nothing more.
  ASSERT_EQ(truncate(PackPath().c_str(), 16), 0);
  EXPECT_THAT(Feed(requests, all.size()), ::testing::IsEmpty());
  EXPECT_TRUE(store_->Contains(digest_));
}

TEST_F(ContentFeedTest, ADamagedPackIsForgottenAndItsRoomGivenBack) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto pack, store_->Read(digest_));
  ASSERT_EQ(truncate(PackPath().c_str(), 100), 0);
  ContentFeed feed(key_, digest_);
  EXPECT_THAT(feed.Step(*store_, Blocks({0}), 0).status(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("too short")));
  EXPECT_FALSE(store_->Contains(digest_));
  EXPECT_FALSE(std::filesystem::exists(PackPath()));
  store_->SetLimit(4 << 20);
  EXPECT_THAT(store_->Begin(digest_, 4 << 20).status(), IsOk());
}

TEST_F(ContentFeedTest, RefusesWhatMakesNoSense) {
  for (const std::string& request :
       {Blocks({4}), std::string("\x01\xff"), std::string(10, '\xff')}) {
    ContentFeed feed(key_, digest_);
    EXPECT_FALSE(feed.Step(*store_, request, 0).ok());
  }
  ContentFeed feed(key_, std::string(32, 'x'));
  EXPECT_THAT(feed.Step(*store_, Manifest(), 0).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("")));
}

}  // namespace
}  // namespace tutti::controller
