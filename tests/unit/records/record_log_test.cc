#include "common/records/record_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tutti {
namespace {

RecordHeader SomeHeader() {
  return {.stream = v1::OUTPUT_STREAM_STDERR,
          .closed = true,
          .length = 4711,
          .time = absl::FromUnixNanos(1'767'225'600'123'456'789)};
}

// Files that were written before an upgrade must be read after it.
TEST(RecordLogTest, HeadersAreTheSameBytesForEver) {
  EXPECT_EQ(EncodeLogHeader(), std::string("tutti spool\0\1\0\0\0", 16));
  EXPECT_EQ(EncodeRecordHeader(SomeHeader()),
            std::string("\x02\x01TRg\x12\0\0"
                        "\x15\xcdU\xf5Qr\x86\x18"
                        "\0\0\0\0\xdb\x88\xd0<",
                        24));
  EXPECT_TRUE(IsLogHeader(EncodeLogHeader()));
  EXPECT_FALSE(IsLogHeader("tutti spool"));
}

TEST(RecordLogTest, AHeaderComesBackAsItWas) {
  const std::optional<RecordHeader> header =
      DecodeRecordHeader(EncodeRecordHeader(SomeHeader()));
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->stream, v1::OUTPUT_STREAM_STDERR);
  EXPECT_TRUE(header->closed);
  EXPECT_EQ(header->length, 4711u);
  EXPECT_EQ(header->time, SomeHeader().time);
}

// Output that looks like a header, or a torn write, must not be taken for one.
TEST(RecordLogTest, EveryChangedByteIsNoticed) {
  const std::string good = EncodeRecordHeader(SomeHeader());
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    EXPECT_FALSE(DecodeRecordHeader(bad).has_value()) << i;
  }
  EXPECT_FALSE(DecodeRecordHeader(std::string(24, '\0')).has_value());
  EXPECT_FALSE(DecodeRecordHeader(good.substr(1)).has_value());
}

// Trimming leaves zeros: a start that is zero would never be found again.
TEST(RecordLogTest, NoHeaderBeginsWithAZero) {
  for (const auto stream : {v1::OUTPUT_STREAM_STDOUT, v1::OUTPUT_STREAM_STDERR,
                            v1::OUTPUT_STREAM_EVENT}) {
    RecordHeader header;
    header.stream = stream;
    EXPECT_NE(EncodeRecordHeader(header)[0], '\0');
  }
}

TEST(RecordLogTest, FilesAreNamedAfterTheAttempt) {
  v1::AttemptKey key;
  key.set_job_uuid(std::string(16, '\x01'));
  key.set_attempt(2);
  key.set_target("web01");
  EXPECT_EQ(SpoolFileName(key),
            "01010101-0101-0101-0101-010101010101.2.web01.spool");
}

}  // namespace
}  // namespace tutti
