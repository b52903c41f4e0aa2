#include "agent/runner/ledger/ledger.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "agent/runner/ledger/ledger_file.h"
#include "common/base/duration.h"
#include "common/base/files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::runner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;
using ::tutti::testing::TemporaryDirectory;

constexpr absl::Time kNow = absl::FromUnixSeconds(1'767'225'600);

tutti::v1::AttemptKey Key(int job) {
  tutti::v1::AttemptKey key;
  std::string uuid = fmt::format("{:016}", job);
  key.set_job_uuid(uuid);
  key.set_attempt(1);
  key.set_target("web01");
  return key;
}

storage::v1::LedgerRecord Starting(int job,
                                   absl::Duration keep = absl::Hours(1)) {
  storage::v1::LedgerRecord record;
  *record.mutable_key() = Key(job);
  *record.mutable_starting()->mutable_time() = ToProto(kNow);
  record.mutable_starting()->set_boot_id("boot");
  *record.mutable_starting()->mutable_keep_until() = ToProto(kNow + keep);
  return record;
}

storage::v1::LedgerRecord Ended(int job) {
  storage::v1::LedgerRecord record;
  *record.mutable_key() = Key(job);
  record.mutable_ended()->mutable_status()->set_state(
      tutti::v1::TASK_STATE_COMPLETED);
  *record.mutable_ended()->mutable_status()->mutable_ended_at() = ToProto(kNow);
  record.mutable_ended()->set_end_position(99);
  return record;
}

storage::v1::LedgerRecord Released(int job) {
  storage::v1::LedgerRecord record;
  *record.mutable_key() = Key(job);
  *record.mutable_released()->mutable_time() = ToProto(kNow);
  return record;
}

class LedgerTest : public ::testing::Test {
 protected:
  std::unique_ptr<Ledger> Open(absl::Time now = kNow,
                               LedgerFolder folder = RealLedgerFolder()) {
    absl::StatusOr<std::unique_ptr<Ledger>> ledger =
        Ledger::Open(path_, now, std::move(folder));
    EXPECT_THAT(ledger, IsOk());
    return ledger.ok() ? *std::move(ledger) : nullptr;
  }

  // Waits for `count` commits.
  static std::vector<Ledger::Commit> Commits(Ledger& ledger, size_t count) {
    std::vector<Ledger::Commit> all;
    while (all.size() < count) {
      pollfd waited = {ledger.commit_fd(), POLLIN, 0};
      if (poll(&waited, 1, 60'000) != 1) break;
      for (Ledger::Commit& commit : ledger.TakeCommits()) {
        all.push_back(std::move(commit));
      }
    }
    return all;
  }

  // Waits for `count` commits: which appends they answer.
  static std::vector<Ledger::Ticket> Answered(Ledger& ledger, size_t count) {
    std::vector<Ledger::Ticket> tickets;
    for (const Ledger::Commit& commit : Commits(ledger, count)) {
      tickets.push_back(commit.ticket);
    }
    return tickets;
  }

  static absl::Status AppendAndWait(Ledger& ledger, int job) {
    ledger.Append(Starting(job));
    const std::vector<Ledger::Commit> commits = Commits(ledger, 1);
    return commits.empty() ? absl::UnknownError("no commit came")
                           : commits[0].status;
  }

  // Much that will be expired in two hours, and an attempt that will not.
  static void Fill(Ledger& ledger) {
    for (int job = 0; job < 1000; ++job) {
      ledger.Append(Starting(job));
      ledger.Append(Ended(job));
      ledger.AppendLazily(Released(job));
    }
    ledger.Append(Starting(1000, absl::Hours(10)));
    Commits(ledger, 2001);
  }

  // What is committed after the next one comes after the rewriting.
  static void RewriteInTwoHours(Ledger& ledger) {
    ledger.DropExpired(kNow + absl::Hours(2));
    AppendAndWait(ledger, 1001).IgnoreError();
  }

  std::vector<std::string> FilesSetAside() const {
    std::vector<std::string> names;
    for (const auto& entry :
         std::filesystem::directory_iterator(directory_.path())) {
      if (entry.path().string().find("damaged") != std::string::npos) {
        names.push_back(entry.path());
      }
    }
    return names;
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.File("attempts");
};

TEST_F(LedgerTest, CommitsAnswerInOrderAndSurviveAReopening) {
  {
    const std::unique_ptr<Ledger> ledger = Open();
    EXPECT_EQ(ledger->Append(Starting(1)), 1u);
    EXPECT_NE(ledger->index().Find(Key(1)), nullptr) << "not seen at once";
    EXPECT_EQ(ledger->Append(Starting(2)), 2u);
    EXPECT_EQ(ledger->Append(Ended(1)), 3u);
    const std::vector<Ledger::Commit> commits = Commits(*ledger, 3);
    ASSERT_EQ(commits.size(), 3u);
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(commits[i].ticket, i + 1);
      TUTTI_EXPECT_OK(commits[i].status);
    }
    ledger->AppendLazily(Released(1));
  }
  const std::unique_ptr<Ledger> ledger = Open();
  const LedgerEntry* first = ledger->index().Find(Key(1));
  ASSERT_NE(first, nullptr);
  EXPECT_TRUE(first->released);
  storage::v1::AttemptEnded ended;
  ASSERT_TRUE(ended.ParseFromString(first->ended));
  EXPECT_EQ(ended.end_position(), 99u);
  const LedgerEntry* second = ledger->index().Find(Key(2));
  ASSERT_NE(second, nullptr);
  EXPECT_TRUE(second->ended.empty());
  EXPECT_EQ(second->boot_id, "boot");
  EXPECT_EQ(ledger->index().Find(Key(3)), nullptr);
}

TEST_F(LedgerTest, TwoRunnersNeverShareOne) {
  const std::unique_ptr<Ledger> ledger = Open();
  EXPECT_THAT(Ledger::Open(path_, kNow).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("another runner")));
}

// A power cut in the middle of a write.
TEST_F(LedgerTest, ATornTailIsSetAsideAndTheRestLives) {
  {
    const std::unique_ptr<Ledger> ledger = Open();
    ledger->Append(Starting(1));
    ledger->Append(Starting(2));
  }
  TUTTI_ASSERT_OK_AND_ASSIGN(std::string bytes, ReadFile(path_));
  bytes.resize(bytes.size() - 5);
  TUTTI_ASSERT_OK(WriteFileAtomically(path_, bytes, 0600));
  {
    const std::unique_ptr<Ledger> ledger = Open();
    EXPECT_NE(ledger->index().Find(Key(1)), nullptr);
    EXPECT_EQ(ledger->index().Find(Key(2)), nullptr);
    EXPECT_EQ(FilesSetAside().size(), 1u);
    ledger->Append(Starting(3));
  }
  const std::unique_ptr<Ledger> ledger = Open(kNow + absl::Seconds(1));
  EXPECT_NE(ledger->index().Find(Key(1)), nullptr);
  EXPECT_NE(ledger->index().Find(Key(3)), nullptr);
  EXPECT_EQ(FilesSetAside().size(), 1u) << "the damage was not mended";
}

// An attempt behind the damage must not look new: it would run again.
TEST_F(LedgerTest, WhatIsBehindDamageIsFoundAgain) {
  {
    const std::unique_ptr<Ledger> ledger = Open();
    for (int job = 1; job <= 3; ++job) ledger->Append(Starting(job));
  }
  TUTTI_ASSERT_OK_AND_ASSIGN(std::string bytes, ReadFile(path_));
  bytes[bytes.find("0000000000000002")] = '9';
  TUTTI_ASSERT_OK(WriteFileAtomically(path_, bytes, 0600));
  const std::unique_ptr<Ledger> ledger = Open();
  EXPECT_NE(ledger->index().Find(Key(1)), nullptr);
  EXPECT_EQ(ledger->index().Find(Key(2)), nullptr);
  EXPECT_NE(ledger->index().Find(Key(3)), nullptr);
  ASSERT_EQ(FilesSetAside().size(), 1u);
  EXPECT_THAT(*ReadFile(FilesSetAside()[0]), HasSubstr("9000000000000002"));
}

TEST(LedgerFileTest, EveryTruncationKeepsTheWholeFramesBeforeIt) {
  std::string bytes = EncodeLedgerHeader();
  std::vector<size_t> ends;
  for (int job = 1; job <= 4; ++job) {
    bytes += EncodeLedgerRecord(Starting(job));
    ends.push_back(bytes.size());
  }
  for (size_t size = 16; size <= bytes.size(); ++size) {
    const LedgerContent content = DecodeLedger(bytes.substr(0, size));
    const auto whole = static_cast<size_t>(std::count_if(
        ends.begin(), ends.end(), [&](size_t end) { return end <= size; }));
    EXPECT_EQ(content.records.size(), whole) << size;
  }
}

TEST_F(LedgerTest, WhatIsExpiredAndReleasedGoesWithARewriting) {
  {
    const std::unique_ptr<Ledger> ledger = Open();
    for (int job = 0; job < 1000; ++job) {
      ledger->Append(Starting(job));
      ledger->Append(Ended(job));
      ledger->Append(Released(job));
    }
    ledger->Append(Starting(2000));
    ledger->Append(Starting(2001, absl::Hours(10)));
    ledger->AppendLazily(Released(2001));
  }
  const auto size_before = std::filesystem::file_size(path_);
  const std::unique_ptr<Ledger> ledger = Open(kNow + absl::Hours(2));
  EXPECT_EQ(ledger->index().Find(Key(5)), nullptr);
  EXPECT_NE(ledger->index().Find(Key(2000)), nullptr) << "not released";
  EXPECT_NE(ledger->index().Find(Key(2001)), nullptr) << "still valid";
  EXPECT_LT(std::filesystem::file_size(path_), size_before / 100);
}

TEST_F(LedgerTest, AFileThatHasOutgrownItsRecordsIsRewrittenWhileItIsUsed) {
  {
    const std::unique_ptr<Ledger> ledger = Open();
    Fill(*ledger);
    const auto size_before = std::filesystem::file_size(path_);
    ledger->DropExpired(kNow);
    TUTTI_EXPECT_OK(AppendAndWait(*ledger, 1002));
    EXPECT_GT(std::filesystem::file_size(path_), size_before)
        << "all of it was needed";
    RewriteInTwoHours(*ledger);
    TUTTI_EXPECT_OK(AppendAndWait(*ledger, 1003));
    EXPECT_LT(std::filesystem::file_size(path_), size_before / 100);
  }
  const std::unique_ptr<Ledger> ledger = Open();
  EXPECT_EQ(ledger->index().size(), 4u);
  for (int job = 1000; job <= 1003; ++job) {
    EXPECT_NE(ledger->index().Find(Key(job)), nullptr) << job;
  }
}

// The disk is full, say.
TEST_F(LedgerTest, ARewritingThatFailsLeavesTheFileInUse) {
  {
    const std::unique_ptr<Ledger> ledger = Open();
    Fill(*ledger);
  }
  {
    LedgerFolder folder = RealLedgerFolder();
    folder.replace = [](const std::string&, std::string_view) {
      return absl::ResourceExhaustedError("no space left");
    };
    const std::unique_ptr<Ledger> ledger = Open(kNow, std::move(folder));
    RewriteInTwoHours(*ledger);
    TUTTI_EXPECT_OK(AppendAndWait(*ledger, 1002));
  }
  const std::unique_ptr<Ledger> ledger = Open();
  EXPECT_EQ(ledger->index().size(), 1003u);
}

// The new file has its name, and nobody knows whether it keeps it: until that
// is sure nothing may be called durable.
TEST_F(LedgerTest, NothingIsCommittedBeforeTheNewNameIsDurable) {
  std::atomic<bool> broken = true;
  {
    LedgerFolder folder = RealLedgerFolder();
    const LedgerFolder real = folder;
    folder.replace = [real](const std::string& path, std::string_view content) {
      TUTTI_EXPECT_OK(real.replace(path, content));
      return absl::DataLossError("input/output error");
    };
    folder.sync = [real, &broken](const std::string& path) {
      return broken ? absl::DataLossError("input/output error")
                    : real.sync(path);
    };
    TUTTI_ASSERT_OK(WriteFileAtomically(path_, EncodeLedgerHeader(), 0600));
    const std::unique_ptr<Ledger> ledger = Open(kNow, std::move(folder));
    Fill(*ledger);
    RewriteInTwoHours(*ledger);
    EXPECT_FALSE(AppendAndWait(*ledger, 1002).ok());
    broken = false;
    TUTTI_EXPECT_OK(AppendAndWait(*ledger, 1003));
  }
  const std::unique_ptr<Ledger> ledger = Open();
  EXPECT_NE(ledger->index().Find(Key(1000)), nullptr);
  EXPECT_NE(ledger->index().Find(Key(1003)), nullptr);
  EXPECT_EQ(ledger->index().Find(Key(1002)), nullptr);
}

// One sync for many is what makes a thousand starts a matter of moments.
TEST_F(LedgerTest, ManyAppendsAreAnsweredAll) {
  const std::unique_ptr<Ledger> ledger = Open();
  for (int job = 0; job < 5000; ++job) ledger->Append(Starting(job));
  EXPECT_EQ(Commits(*ledger, 5000).size(), 5000u);
}

TEST_F(LedgerTest, WhatMayWaitIsWrittenUnasked) {
  const std::unique_ptr<Ledger> ledger = Open();
  const Ledger::Ticket first = ledger->AppendSoon(Ended(1));
  const Ledger::Ticket second = ledger->AppendSoon(Ended(2));
  EXPECT_THAT(Answered(*ledger, 2), ElementsAre(first, second));
}

// Commits are answered in order: what is urgent takes along what was before.
TEST_F(LedgerTest, WhatMayWaitGoesWithWhatIsUrgent) {
  const std::unique_ptr<Ledger> ledger = Open();
  const Ledger::Ticket first = ledger->AppendSoon(Ended(1));
  const Ledger::Ticket second = ledger->Append(Starting(2));
  EXPECT_THAT(Answered(*ledger, 2), ElementsAre(first, second));
}

}  // namespace
}  // namespace tutti::runner
