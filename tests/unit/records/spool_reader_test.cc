#include "common/records/spool_reader.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/file_descriptor.h"
#include "common/base/files.h"
#include "common/records/record_log.h"
#include "common/records/spool_recovery.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti {
namespace {

using ::testing::HasSubstr;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;
using ::tutti::testing::TemporaryDirectory;

constexpr auto kOut = v1::OUTPUT_STREAM_STDOUT;
constexpr auto kErr = v1::OUTPUT_STREAM_STDERR;

class SpoolReaderTest : public ::testing::Test {
 protected:
  void Append(v1::OutputStream stream, std::string_view data,
              bool closed = true) {
    content_ += EncodeRecordHeader(
        {.stream = stream,
         .closed = closed,
         .length = closed ? static_cast<uint32_t>(data.size()) : 0,
         .time = absl::FromUnixSeconds(static_cast<int64_t>(++records_))});
    content_ += data;
    std::ofstream(path_, std::ios::binary) << content_;
  }

  uint64_t end() const { return content_.size(); }

  // Everything in pieces of `max_bytes`.
  std::string ReadAll(uint64_t from, size_t max_bytes) {
    absl::StatusOr<SpoolReader> reader = SpoolReader::Open(path_);
    std::string all;
    while (from < end()) {
      const absl::StatusOr<SpoolReader::Batch> batch =
          reader->Read(from, end(), max_bytes);
      EXPECT_THAT(batch, IsOk());
      if (!batch.ok()) break;
      uint64_t expected = std::max(from, kLogHeaderBytes);
      for (const v1::OutputChunk& chunk : batch->chunks) {
        EXPECT_EQ(chunk.position(), expected) << "not contiguous";
        expected = chunk.next_position();
        all += chunk.data();
      }
      EXPECT_EQ(batch->next_position, expected);
      from = expected;
    }
    return all;
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.File("x.spool");
  std::string content_ = EncodeLogHeader();
  uint64_t records_ = 0;
};

TEST_F(SpoolReaderTest, AFileThatIsNotThereIsNotFound) {
  EXPECT_THAT(SpoolReader::Open(path_).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(path_)));
}

TEST_F(SpoolReaderTest, JoinsNeighboursOfOneStreamAndKeepsTheOrder) {
  Append(kOut, "a");
  Append(kOut, "b");
  Append(kErr, "c");
  Append(kOut, "d");
  TUTTI_ASSERT_OK_AND_ASSIGN(SpoolReader reader, SpoolReader::Open(path_));
  TUTTI_ASSERT_OK_AND_ASSIGN(const SpoolReader::Batch batch,
                             reader.Read(0, end(), 1 << 20));
  ASSERT_EQ(batch.chunks.size(), 3u);
  EXPECT_EQ(batch.chunks[0].data(), "ab");
  EXPECT_EQ(batch.chunks[0].position(), kLogHeaderBytes);
  EXPECT_EQ(batch.chunks[0].time().seconds(), 1);
  EXPECT_EQ(batch.chunks[1].data(), "c");
  EXPECT_EQ(batch.chunks[1].stream(), kErr);
  EXPECT_EQ(batch.chunks[1].position(), batch.chunks[0].next_position());
  EXPECT_EQ(batch.chunks[2].data(), "d");
  EXPECT_EQ(batch.next_position, end());
}

// Whatever the reader's appetite, each byte comes once and in order.
TEST_F(SpoolReaderTest, PiecesOfAnySizeMakeTheWhole) {
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    const std::string data(static_cast<size_t>(i * 37 % 5000), 'a' + i % 26);
    Append(i % 3 == 0 ? kErr : kOut, data);
    expected += data;
  }
  for (const size_t max_bytes : {0u, 1u, 100u, 4096u, 70'000u, 10'000'000u}) {
    EXPECT_EQ(ReadAll(0, max_bytes), expected) << max_bytes;
  }
}

TEST_F(SpoolReaderTest, OneRecordOfTheLargestSizeComesWhole) {
  const std::string large(kMaxRecordBytes, 'x');
  Append(kOut, large);
  EXPECT_EQ(ReadAll(0, 1000), large);
}

TEST_F(SpoolReaderTest, StopsAtTheEndThatTheWriterHasTold) {
  Append(kOut, "told");
  const uint64_t told = end();
  Append(kOut, "not yet", /*closed=*/false);
  TUTTI_ASSERT_OK_AND_ASSIGN(SpoolReader reader, SpoolReader::Open(path_));
  TUTTI_ASSERT_OK_AND_ASSIGN(const SpoolReader::Batch batch,
                             reader.Read(0, told, 1 << 20));
  ASSERT_EQ(batch.chunks.size(), 1u);
  EXPECT_EQ(batch.chunks[0].data(), "told");
  TUTTI_ASSERT_OK_AND_ASSIGN(const SpoolReader::Batch nothing,
                             reader.Read(told, told, 1 << 20));
  EXPECT_TRUE(nothing.chunks.empty());
  EXPECT_EQ(nothing.next_position, told);
}

TEST_F(SpoolReaderTest, DamageIsNamedNotSkipped) {
  Append(kOut, "good");
  const uint64_t damaged = end();
  Append(kOut, "bad");
  content_[damaged + 3] ^= 1;
  TUTTI_ASSERT_OK(WriteFileAtomically(path_, content_, 0600));
  TUTTI_ASSERT_OK_AND_ASSIGN(SpoolReader reader, SpoolReader::Open(path_));
  TUTTI_ASSERT_OK_AND_ASSIGN(const SpoolReader::Batch batch,
                             reader.Read(0, end(), 1 << 20));
  EXPECT_EQ(batch.next_position, damaged);
  EXPECT_THAT(reader.Read(damaged, end(), 1 << 20).status(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr(path_)));
}

TEST_F(SpoolReaderTest, WhatWasTrimmedIsOutOfRangeAndZeroMeansTheFirstHeld) {
  const std::string data(10'000, 'x');
  for (int i = 0; i < 10; ++i) Append(kOut, data);
  const uint64_t held = kLogHeaderBytes + 7 * (kRecordHeaderBytes + 10'000);
  const FileDescriptor file(open(path_.c_str(), O_RDWR));
  ASSERT_EQ(fallocate(file.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                      kLogHeaderBytes, held - kLogHeaderBytes),
            0);
  TUTTI_ASSERT_OK_AND_ASSIGN(SpoolReader reader, SpoolReader::Open(path_));
  EXPECT_THAT(reader.Read(kLogHeaderBytes, end(), 1000).status(),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("trimmed")));
  TUTTI_ASSERT_OK_AND_ASSIGN(const SpoolReader::Batch batch,
                             reader.Read(0, end(), 1 << 20));
  EXPECT_EQ(batch.chunks[0].position(), held);
  EXPECT_EQ(batch.next_position, end());
  TUTTI_ASSERT_OK_AND_ASSIGN(const SpoolExtent extent, RecoverSpool(path_));
  EXPECT_EQ(extent.start, held);
  EXPECT_EQ(extent.end, end());
}

// The writer was killed between its bytes and the closed header.
TEST_F(SpoolReaderTest, RecoveryClosesTheOpenRecord) {
  Append(kOut, "first");
  Append(kErr, "written when the kill came", /*closed=*/false);
  TUTTI_ASSERT_OK_AND_ASSIGN(const SpoolExtent extent, RecoverSpool(path_));
  EXPECT_EQ(extent.end, end());
  EXPECT_EQ(ReadAll(0, 1 << 20), "firstwritten when the kill came");
}

TEST_F(SpoolReaderTest, RecoveryDropsAnOpenRecordWithoutBytes) {
  Append(kOut, "first");
  const uint64_t first_end = end();
  Append(kErr, "", /*closed=*/false);
  TUTTI_ASSERT_OK_AND_ASSIGN(const SpoolExtent extent, RecoverSpool(path_));
  EXPECT_EQ(extent.end, first_end);
}

TEST_F(SpoolReaderTest, RecoveryCutsATornHeader) {
  Append(kOut, "first");
  const uint64_t first_end = end();
  content_ += EncodeRecordHeader({}).substr(0, 9);
  TUTTI_ASSERT_OK(WriteFileAtomically(path_, content_, 0600));
  TUTTI_ASSERT_OK_AND_ASSIGN(const SpoolExtent extent, RecoverSpool(path_));
  EXPECT_EQ(extent.end, first_end);
}

TEST_F(SpoolReaderTest, RecoveryOfADamagedFileSaysSoAndKeepsWhatIsBefore) {
  Append(kOut, "good");
  const uint64_t damaged = end();
  Append(kOut, std::string(100, 'x'));
  content_[damaged] = 'Z';
  TUTTI_ASSERT_OK(WriteFileAtomically(path_, content_, 0600));
  for (const uint64_t lost : {124u, 0u}) {
    TUTTI_ASSERT_OK_AND_ASSIGN(const SpoolExtent extent, RecoverSpool(path_));
    EXPECT_EQ(extent.end, damaged);
    EXPECT_EQ(extent.lost, lost);
  }
}

// The writer goes on behind the header, which therefore has to be there.
TEST_F(SpoolReaderTest, RecoveryOfAnEmptyFileHoldsNothing) {
  for (const size_t size : {size_t{0}, kLogHeaderBytes / 2, kLogHeaderBytes}) {
    TUTTI_ASSERT_OK(
        WriteFileAtomically(path_, EncodeLogHeader().substr(0, size), 0600));
    TUTTI_ASSERT_OK_AND_ASSIGN(const SpoolExtent extent, RecoverSpool(path_));
    EXPECT_EQ(extent.start, kLogHeaderBytes);
    EXPECT_EQ(extent.end, kLogHeaderBytes);
    EXPECT_EQ(ReadFile(path_).value_or(""), EncodeLogHeader());
  }
}

}  // namespace
}  // namespace tutti
