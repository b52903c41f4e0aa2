#include "agent/runner/spool/spool_writer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "agent/runner/spool/spool_folder.h"
#include "common/base/file_descriptor.h"
#include "common/base/files.h"
#include "common/records/record_log.h"
#include "common/records/spool_reader.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::runner {
namespace {

using ::tutti::testing::IsOk;
using ::tutti::testing::TemporaryDirectory;

constexpr auto kOut = tutti::v1::OUTPUT_STREAM_STDOUT;
constexpr absl::Time kNow = absl::FromUnixSeconds(1'767'225'600);

tutti::v1::AttemptKey Key(char job) {
  tutti::v1::AttemptKey key;
  key.set_job_uuid(std::string(16, job));
  key.set_attempt(1);
  key.set_target("web01");
  return key;
}

class SpoolWriterTest : public ::testing::Test {
 protected:
  SpoolWriterTest() {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    read_end_.Reset(ends[0]);
    write_end_.Reset(ends[1]);
    fcntl(write_end_.get(), F_SETPIPE_SZ, 1 << 20);
  }

  OutputSource Pipe() const {
    return {.descriptor = read_end_.get(), .stream = kOut};
  }

  void Open(uint64_t task_limit = 1 << 20, uint64_t total_limit = 4 << 20,
            FullSpool when_full = FullSpool::kBlock) {
    folder_.reset();
    absl::StatusOr<std::unique_ptr<SpoolFolder>> folder =
        SpoolFolder::Open({.path = directory_.File("spool"),
                           .task_limit = task_limit,
                           .total_limit = total_limit,
                           .when_full = when_full,
                           .retention = absl::Hours(1),
                           .reader_group = std::nullopt});
    ASSERT_THAT(folder, IsOk());
    folder_ = *std::move(folder);
  }

  SpoolWriter::Taken Write(SpoolWriter& writer, std::string_view text) {
    EXPECT_EQ(write(write_end_.get(), text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
    return Take(writer);
  }

  SpoolWriter::Taken Take(SpoolWriter& writer) {
    const absl::StatusOr<SpoolWriter::Taken> taken =
        writer.Take(Pipe(), kMaxRecordBytes, kNow);
    EXPECT_THAT(taken, IsOk());
    return taken.value_or(SpoolWriter::Taken());
  }

  // What the file holds, by way of its reader.
  std::string Held(const SpoolWriter& writer) {
    absl::StatusOr<SpoolReader> reader = SpoolReader::Open(writer.path());
    EXPECT_THAT(reader, IsOk());
    std::string held;
    for (uint64_t position = writer.start(); position < writer.end();) {
      absl::StatusOr<SpoolReader::Batch> batch =
          reader->Read(position, writer.end(), 1 << 20);
      EXPECT_THAT(batch, IsOk());
      if (!batch.ok()) break;
      for (const auto& chunk : batch->chunks) held += chunk.data();
      position = batch->next_position;
    }
    return held;
  }

  bool Exists(char job) const {
    return std::filesystem::exists(folder_->PathOf(Key(job)));
  }

  TemporaryDirectory directory_;
  FileDescriptor read_end_;
  FileDescriptor write_end_;
  std::unique_ptr<SpoolFolder> folder_;
};

TEST_F(SpoolWriterTest, TheFileComesWithTheFirstByte) {
  Open();
  SpoolWriter writer(*folder_, Key('a'));
  EXPECT_FALSE(Exists('a'));
  EXPECT_EQ(writer.end(), 0u);
  EXPECT_EQ(Write(writer, "hello").bytes, 5u);
  EXPECT_EQ(writer.end(), kLogHeaderBytes + kRecordHeaderBytes + 5);
  EXPECT_EQ(writer.start(), 0u);
  EXPECT_EQ(Held(writer), "hello");
  struct stat info;
  ASSERT_EQ(stat(writer.path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u) << "others could read the output";
}

TEST_F(SpoolWriterTest, TheAgentsGroupMayReadAndNobodyElse) {
  auto folder = SpoolFolder::Open({.path = directory_.File("shared"),
                                   .task_limit = 1 << 20,
                                   .total_limit = 1 << 20,
                                   .when_full = FullSpool::kBlock,
                                   .retention = absl::Hours(1),
                                   .reader_group = getegid()});
  ASSERT_THAT(folder, IsOk());
  SpoolWriter writer(**folder, Key('a'));
  Write(writer, "x");
  struct stat info;
  ASSERT_EQ(stat(writer.path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
  ASSERT_EQ(stat(directory_.File("shared").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 02750u);
}

// A full disk: neither may the output be lost nor a file be left that no
// reader understands.
TEST_F(SpoolWriterTest, AFileThatCouldNotBeBegunIsBegunAnew) {
  Open();
  SpoolWriter writer(*folder_, Key('a'));
  ASSERT_EQ(write(write_end_.get(), "hello", 5), 5);
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  rlimit tiny = before;
  tiny.rlim_cur = kLogHeaderBytes / 2;
  setrlimit(RLIMIT_FSIZE, &tiny);
  const absl::Status failed =
      writer.Take(Pipe(), kMaxRecordBytes, kNow).status();
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  EXPECT_FALSE(failed.ok());
  EXPECT_EQ(writer.end(), 0u);
  EXPECT_EQ(Take(writer).bytes, 5u);
  EXPECT_EQ(writer.end(), kLogHeaderBytes + kRecordHeaderBytes + 5);
  EXPECT_EQ(Held(writer), "hello");
  TUTTI_ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(writer.path()));
  EXPECT_TRUE(IsLogHeader(bytes.substr(0, kLogHeaderBytes)));
}

TEST_F(SpoolWriterTest, AnEmptyPipeAndAnEndedOneAreToldApart) {
  Open();
  SpoolWriter writer(*folder_, Key('a'));
  SpoolWriter::Taken taken = Take(writer);
  EXPECT_FALSE(taken.ended);
  EXPECT_EQ(taken.bytes, 0u);
  write_end_.Reset();
  EXPECT_TRUE(Take(writer).ended);
}

TEST_F(SpoolWriterTest, AtItsLimitItBlocksUntilSomethingIsAcknowledged) {
  Open(/*task_limit=*/64 << 10);
  SpoolWriter writer(*folder_, Key('a'));
  const std::string text(30'000, 'x');
  EXPECT_EQ(Write(writer, text).bytes, 30'000u);
  const uint64_t first = writer.end();
  EXPECT_EQ(Write(writer, text).bytes, 30'000u);
  Write(writer, text);
  while (!Take(writer).blocked) {
  }
  EXPECT_LE(writer.held(), 64u << 10);
  // Positions that are no record's, or not there yet, trim nothing.
  writer.Acknowledge(first - 1);
  EXPECT_TRUE(Take(writer).blocked);
  writer.Acknowledge(first);
  EXPECT_GT(Take(writer).bytes, 0u);
  EXPECT_EQ(writer.start(), first);
  EXPECT_LE(writer.held(), 64u << 10);
}

// What is lost must be known to the byte.
TEST_F(SpoolWriterTest, ToldToDropItLosesTheOldestAndCountsIt) {
  Open(/*task_limit=*/64 << 10, /*total_limit=*/4 << 20, FullSpool::kDrop);
  SpoolWriter writer(*folder_, Key('a'));
  std::string written;
  for (char c = 'a'; c <= 'z'; ++c) {
    const std::string text(9'000, c);
    EXPECT_EQ(Write(writer, text).bytes, text.size());
    written += text;
    EXPECT_LE(writer.held(), 64u << 10);
  }
  const std::string held = Held(writer);
  EXPECT_TRUE(written.ends_with(held));
  EXPECT_GT(held.size(), 32u << 10) << "more was dropped than had to be";
  EXPECT_EQ(writer.dropped() + held.size(), written.size());
  EXPECT_EQ(folder_->used(), writer.held());
}

// Otherwise a restart would cost all that the controller does not have yet.
TEST_F(SpoolWriterTest, AfterARestartItDropsOneStepAsBefore) {
  Open(/*task_limit=*/64 << 10, /*total_limit=*/4 << 20, FullSpool::kDrop);
  {
    SpoolWriter writer(*folder_, Key('a'));
    for (int i = 0; i < 12; ++i) Write(writer, std::string(5'000, 'b'));
  }
  Open(/*task_limit=*/64 << 10, /*total_limit=*/4 << 20, FullSpool::kDrop);
  SpoolWriter writer(*folder_, Key('a'), folder_->Recover(Key('a')));
  EXPECT_EQ(Write(writer, std::string(9'000, 'n')).bytes, 9'000u);
  EXPECT_EQ(writer.dropped(), 5'000u);
  EXPECT_EQ(Held(writer).size(), 11 * 5'000u + 9'000u);
}

TEST_F(SpoolWriterTest, WhatWasAcknowledgedIsNotCountedAsDropped) {
  Open(/*task_limit=*/64 << 10, /*total_limit=*/4 << 20, FullSpool::kDrop);
  SpoolWriter writer(*folder_, Key('a'));
  const std::string text(30'000, 'x');
  Write(writer, text);
  writer.Acknowledge(writer.end());
  for (int i = 0; i < 3; ++i) Write(writer, text);
  EXPECT_EQ(writer.dropped() + Held(writer).size(), 3 * text.size());
}

// Whoever writes most loses first, and a newcomer is not kept out.
TEST_F(SpoolWriterTest, OverTheTotalItDropsItsOwnBeforeThatOfOthers) {
  Open(1 << 20, /*total_limit=*/100'000, FullSpool::kDrop);
  SpoolWriter quiet(*folder_, Key('a'));
  Write(quiet, std::string(30'000, 'q'));
  SpoolWriter loud(*folder_, Key('b'));
  for (int i = 0; i < 10; ++i) Write(loud, std::string(20'000, 'l'));
  EXPECT_EQ(quiet.dropped(), 0u);
  EXPECT_GT(loud.dropped(), 0u);
  Write(quiet, std::string(60'000, 'q'));
  EXPECT_EQ(quiet.dropped(), 30'000u);
  SpoolWriter late(*folder_, Key('c'));
  EXPECT_EQ(Write(late, std::string(60'000, 'n')).bytes, 60'000u);
  EXPECT_EQ(late.dropped(), 0u);
  EXPECT_LE(folder_->used(), 100'000u + 3 * kRecordHeaderBytes);
}

// What is only retained goes in small steps, oldest first.
TEST_F(SpoolWriterTest, TrimmingTakesNoMoreThanIsNeeded) {
  Open(/*task_limit=*/256 << 10);
  SpoolWriter writer(*folder_, Key('a'));
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(Write(writer, std::string(4000, 'x')).bytes, 4000u);
    writer.Acknowledge(writer.end());
  }
  EXPECT_LE(writer.held(), 256u << 10);
  EXPECT_GE(writer.held(), 128u << 10) << "retained output was thrown away";
  EXPECT_EQ(Held(writer).size() % 4000, 0u);
  struct stat info;
  ASSERT_EQ(stat(writer.path().c_str(), &info), 0);
  EXPECT_LT(info.st_blocks * 512, 300 << 10) << "the disk was not freed";
}

TEST_F(SpoolWriterTest, OverTheTotalReleasedFilesGoFirstOldestFirst) {
  Open(1 << 20, /*total_limit=*/100'000);
  for (const char job : {'a', 'b'}) {
    SpoolWriter writer(*folder_, Key(job));
    EXPECT_EQ(Write(writer, std::string(30'000, 'x')).bytes, 30'000u);
    folder_->Retain(Key(job), kNow);
  }
  SpoolWriter live(*folder_, Key('c'));
  EXPECT_EQ(Write(live, std::string(60'000, 'x')).bytes, 60'000u);
  EXPECT_FALSE(Exists('a'));
  EXPECT_LE(folder_->used(), 100'000u);
  Write(live, std::string(60'000, 'x'));
  EXPECT_FALSE(Exists('b'));
  while (!Take(live).blocked) {
  }
  // Another attempt's acknowledged output makes room as well.
  live.Acknowledge(live.end());
  SpoolWriter other(*folder_, Key('d'));
  EXPECT_GT(Take(other).bytes, 0u);
  EXPECT_LE(folder_->used(), 100'000u + 2 * kRecordHeaderBytes);
}

class TerminalSpoolTest : public SpoolWriterTest {
 protected:
  TerminalSpoolTest() {
    master_.Reset(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK));
    EXPECT_EQ(unlockpt(master_.get()), 0);
    slave_.Reset(open(ptsname(master_.get()), O_RDWR | O_NOCTTY));
  }
  void Type(std::string_view text) {
    EXPECT_EQ(write(slave_.get(), text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
  }
  absl::StatusOr<SpoolWriter::Taken> TakeOfTerminal(SpoolWriter& writer) {
    return writer.Take({master_.get(), /*is_terminal=*/true, kOut},
                       kMaxRecordBytes, kNow);
  }

  FileDescriptor master_;
  FileDescriptor slave_;
};

TEST_F(TerminalSpoolTest, ATerminalsOutputIsTakenUntilNobodyHasIt) {
  Open();
  SpoolWriter writer(*folder_, Key('a'));
  Type("one\n");
  TUTTI_ASSERT_OK_AND_ASSIGN(SpoolWriter::Taken taken, TakeOfTerminal(writer));
  EXPECT_EQ(taken.bytes, 5u);
  TUTTI_ASSERT_OK_AND_ASSIGN(taken, TakeOfTerminal(writer));
  EXPECT_FALSE(taken.ended);
  Type("two");
  slave_.Reset();
  TUTTI_ASSERT_OK_AND_ASSIGN(taken, TakeOfTerminal(writer));
  EXPECT_EQ(taken.bytes, 3u);
  TUTTI_ASSERT_OK_AND_ASSIGN(taken, TakeOfTerminal(writer));
  EXPECT_TRUE(taken.ended);
  EXPECT_EQ(Held(writer), "one\r\ntwo");
}

// What was read can not be put back.
TEST_F(TerminalSpoolTest, WhatCanNotBeWrittenIsKeptForTheNextTry) {
  Open();
  SpoolWriter writer(*folder_, Key('a'));
  Type("one");
  ASSERT_THAT(TakeOfTerminal(writer), IsOk());
  Type("two");
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  rlimit tiny = before;
  tiny.rlim_cur = writer.end() + kRecordHeaderBytes;
  setrlimit(RLIMIT_FSIZE, &tiny);
  const absl::Status failed = TakeOfTerminal(writer).status();
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  EXPECT_FALSE(failed.ok());
  ASSERT_THAT(TakeOfTerminal(writer), IsOk());
  EXPECT_EQ(Held(writer), "onetwo");
}

TEST_F(SpoolWriterTest, TheEndIgnoresLimits) {
  Open(/*task_limit=*/8 << 10);
  SpoolWriter writer(*folder_, Key('a'));
  Write(writer, std::string(60'000, 'x'));
  while (!Take(writer).blocked) {
  }
  const auto taken = writer.TakeLast(Pipe(), kMaxRecordBytes, kNow);
  ASSERT_THAT(taken, IsOk());
  EXPECT_EQ(Held(writer).size(), 60'000u);
}

TEST_F(SpoolWriterTest, ReleasedFilesGoAfterTheRetentionTime) {
  Open();
  {
    SpoolWriter writer(*folder_, Key('a'));
    Write(writer, "x");
    folder_->Retain(Key('a'), kNow);
  }
  EXPECT_EQ(folder_->DeleteExpired(kNow + absl::Minutes(59)),
            kNow + absl::Hours(1));
  EXPECT_TRUE(Exists('a'));
  EXPECT_EQ(folder_->DeleteExpired(kNow + absl::Hours(1)), std::nullopt);
  EXPECT_FALSE(Exists('a'));
  EXPECT_EQ(folder_->used(), 0u);
}

TEST_F(SpoolWriterTest, AfterARestartItGoesOnCounting) {
  Open();
  {
    SpoolWriter writer(*folder_, Key('a'));
    Write(writer, "one");
  }
  {
    SpoolWriter writer(*folder_, Key('z'));
    Write(writer, "nobody knows me");
  }
  Open();
  const std::optional<SpoolExtent> extent = folder_->Recover(Key('a'));
  ASSERT_TRUE(extent.has_value());
  SpoolWriter writer(*folder_, Key('a'), extent);
  folder_->DeleteUnclaimed();
  EXPECT_FALSE(Exists('z'));
  EXPECT_EQ(Held(writer), "one");
  EXPECT_EQ(folder_->used(), kRecordHeaderBytes + 3);
  EXPECT_EQ(folder_->Recover(Key('b')), std::nullopt);
}

TEST_F(SpoolWriterTest, EventsStandBetweenTheOutput) {
  Open();
  SpoolWriter writer(*folder_, Key('a'));
  Write(writer, "before ");
  TUTTI_ASSERT_OK(writer.WriteEvent("remark", kNow));
  Write(writer, " after");
  EXPECT_EQ(Held(writer), "before remark after");
}

}  // namespace
}  // namespace tutti::runner
