// tutti-query by itself: what it says by its exit status, where it ends itself,
// and what it does with file systems that do not answer.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/file_descriptor.h"
#include "common/base/sanitizer.h"
#include "common/jobs/query_exit.h"
#include "tests/support/fleet.h"
#include "tests/support/temporary_directory.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A query that never ends.
constexpr std::string_view kCount =
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) ";

Finished Query(std::string_view sql, std::vector<std::string> flags = {}) {
  Process::Options options;
  options.arguments = {ProgramPath("tutti-query")};
  options.arguments.insert(options.arguments.end(), flags.begin(), flags.end());
  options.arguments.emplace_back("-");
  options.standard_input = sql;
  return RunToEnd(options);
}

// One line, which names the limit and the setting.
auto Names(std::string_view limit, std::string_view setting) {
  return AllOf(StartsWith("tutti-query: the query "),
               HasSubstr(std::string(limit)), HasSubstr("ask for less"),
               EndsWith(fmt::format("raise {} in runner.yaml\n", setting)));
}

TEST(QueryProgramTest, TheStatusSaysWhetherThereIsARow) {
  EXPECT_EQ(Query("SELECT 1").status, kExitYielded);
  EXPECT_EQ(Query("SELECT 1 WHERE 0").status, 0);
  EXPECT_EQ(Query("SELECT").status, 2);
  EXPECT_EQ(Query("SELECT abs(-9223372036854775808)").status, 1);
  EXPECT_EQ(Query("SELECT 1", {"--rows=5"}).status, 2);
}

TEST(QueryProgramTest, ProcessorTimeHasAnEnd) {
  const Finished run = Query(fmt::format("{} SELECT count(*) FROM c", kCount),
                             {"--cpu-limit=1s"});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.error, Names("used 1 s of processor", "query_cpu_limit"));
}

TEST(QueryProgramTest, MemoryHasAnEnd) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer needs memory of its own";
  // Of SQLite, and of what it hands over.
  for (const char* query :
       {"SELECT x FROM c ORDER BY x DESC", "SELECT group_concat(x) FROM c",
        "SELECT hex(zeroblob(30000000))"}) {
    const Finished run =
        Query(fmt::format("{} {}", kCount, query), {"--memory-limit=16MiB"});
    EXPECT_EQ(run.status, 1) << query;
    EXPECT_THAT(run.error, Names("16.0 MiB of memory", "query_memory_limit"));
  }
  EXPECT_EQ(Query("SELECT * FROM users", {"--memory-limit=16MiB"}).status,
            kExitYielded);
}

TEST(QueryProgramTest, RowsHaveAnEnd) {
  const Finished run =
      Query(fmt::format("{} SELECT x FROM c", kCount), {"--rows-limit=1KiB"});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.error, Names("1.0 KiB of rows", "query_rows_limit"));
  // Those before it are whole.
  EXPECT_THAT(run.output, EndsWith("]\n"));
  EXPECT_LE(run.output.size(), 1024u);
  EXPECT_GT(run.output.size(), 1000u);
}

// A mount whose server never answers, seen by this program and its children
// alone.
class SilentMountTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fuse_.Reset(open("/dev/fuse", O_RDWR | O_CLOEXEC));
    if (!fuse_.valid() || unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      GTEST_SKIP() << "needs /dev/fuse and root";
    }
    std::filesystem::create_directories(place_);
    const std::string options =
        fmt::format("fd={},rootmode=40000,user_id=0,group_id=0", fuse_.get());
    ASSERT_EQ(
        mount("srv:/export", place_.c_str(), "fuse.sshfs", 0, options.c_str()),
        0);
    std::filesystem::create_symlink(place_, link_);
  }
  void TearDown() override {
    // What waits for an answer is let go.
    fuse_.Reset();
    umount2(place_.c_str(), MNT_DETACH);
  }

  // A row of a path.
  std::string Silent(std::string_view path) const {
    return fmt::format("[\"{}\",null,\"{}\"]\n", path, text_);
  }
  const TemporaryDirectory directory_;
  const std::string place_ = directory_.File("far");
  const std::string link_ = directory_.File("link");
  const std::string text_ = fmt::format(
      "the server of {} (fuse.sshfs srv:/export) does not answer; look after "
      "it, or leave out what is there",
      place_);

 private:
  FileDescriptor fuse_;
};

// If this fails, a query hangs for ever where a server has gone away.
TEST_F(SilentMountTest, EveryTableGoesOn) {
  const Finished run = Query(fmt::format(
      "SELECT path, size_bytes, error FROM disk_usage WHERE path = '{0}' "
      "UNION ALL SELECT path, blocks, error FROM mounts WHERE path = '{0}' "
      "UNION ALL SELECT path, size, error FROM file WHERE path = '{0}/a' "
      "UNION ALL SELECT directory, path, error FROM file "
      "WHERE directory = '{1}' "
      "UNION ALL SELECT path, md5, error FROM hash WHERE path = '{1}/b' "
      "UNION ALL SELECT path, size, error FROM file WHERE path LIKE '{2}/%%' "
      "UNION ALL SELECT path, type, error FROM file WHERE path = '/proc'",
      place_, link_, directory_.path()));
  EXPECT_EQ(run.status, kExitYielded);
  EXPECT_THAT(run.output,
              AllOf(HasSubstr(Silent(place_) + Silent(place_)),
                    HasSubstr(Silent(place_ + "/a")), HasSubstr(Silent(link_)),
                    HasSubstr(Silent(link_ + "/b")),
                    // What can be read is.
                    HasSubstr("[\"/proc\",\"directory\",null]")));
  // Said once, for what no row can say.
  EXPECT_EQ(run.error, fmt::format("tutti-query: {}\n", text_));
}

}  // namespace
}  // namespace tutti::testing
