#include "common/relay/spool_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/base/files.h"
#include "common/records/record_log.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::relay {
namespace {

using ::testing::HasSubstr;
using testing::StatusIs;

v1::AttemptKey Key(int number) {
  v1::AttemptKey key;
  key.set_job_uuid(std::string(16, 'j'));
  key.set_attempt(1);
  key.set_target("web" + std::to_string(number));
  return key;
}

class SpoolDirectoryTest : public ::testing::Test {
 protected:
  void Write(const v1::AttemptKey& key, const std::string& data) {
    const RecordHeader header{v1::OUTPUT_STREAM_STDOUT, true,
                              static_cast<uint32_t>(data.size()),
                              absl::UnixEpoch()};
    TUTTI_ASSERT_OK(WriteFileAtomically(
        folder_.File(SpoolFileName(key)),
        EncodeLogHeader() + EncodeRecordHeader(header) + data, 0600));
  }

  testing::TemporaryDirectory folder_;
  SpoolDirectory spool_;
};

TEST_F(SpoolDirectoryTest, ReadsToTheEndOfAFile) {
  spool_.SetPath(folder_.path());
  Write(Key(1), "hello");
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const auto batch, spool_.Read(Key(1), 0, SpoolSource::kEndOfSpool, 1000));
  ASSERT_EQ(batch.chunks.size(), 1u);
  EXPECT_EQ(batch.chunks[0].data(), "hello");
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const auto rest,
      spool_.Read(Key(1), batch.next_position, SpoolSource::kEndOfSpool, 1000));
  EXPECT_TRUE(rest.chunks.empty());
}

// If this fails, an agent with many tasks runs out of descriptors.
TEST_F(SpoolDirectoryTest, KeepsOnlyAFewFilesOpen) {
  spool_.SetPath(folder_.path());
  for (int i = 0; i < 100; ++i) {
    Write(Key(i), "x");
    TUTTI_EXPECT_OK(
        spool_.Read(Key(i), 0, SpoolSource::kEndOfSpool, 1000).status());
  }
  EXPECT_LE(spool_.open_count(), 16u);
  spool_.Close(Key(99));
  EXPECT_LE(spool_.open_count(), 15u);
}

TEST_F(SpoolDirectoryTest, SaysWhatIsMissing) {
  EXPECT_THAT(spool_.Read(Key(1), 0, 100, 1000),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("tutti-runner")));
  spool_.SetPath(folder_.path());
  EXPECT_THAT(spool_.Read(Key(1), 0, 100, 1000),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("web1")));
}

// The key of a fetch is the controller's word.
TEST_F(SpoolDirectoryTest, StaysInItsFolder) {
  spool_.SetPath(folder_.path());
  v1::AttemptKey key = Key(1);
  key.set_target("/../../etc/passwd");
  EXPECT_THAT(spool_.Read(key, 0, 100, 1000),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("not the name of a target")));
}

}  // namespace
}  // namespace tutti::relay
