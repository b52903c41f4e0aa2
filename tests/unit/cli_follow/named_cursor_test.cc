#include "controller/cli/follow/named_cursor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <string>

#include "common/base/files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/cli_follow/job_messages.h"

namespace tutti::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;

class NamedCursorTest : public ::testing::Test {
 protected:
  NamedCursorTest() {
    setenv("XDG_STATE_HOME", directory_.path().c_str(), 1);
    Apply(JobMessage("web[1-3]", 3));
  }
  ~NamedCursorTest() override { unsetenv("XDG_STATE_HOME"); }

  void Apply(v1::WatchJobResponse message) {
    TUTTI_ASSERT_OK(job_.Apply(message, listener_));
  }
  // The job as the controller has it, each task in its first attempt.
  static v1::GetJobResponse Known() {
    v1::GetJobResponse response;
    *response.mutable_job() = JobMessage("web[1-3]", 3).job();
    for (int i = 0; i < 3; ++i) response.add_tasks()->set_attempt_number(1);
    return response;
  }
  std::string Path() const {
    return directory_.File("tutti/cursors/demo/reader");
  }

  const testing::TemporaryDirectory directory_;
  ViewListener listener_;
  FollowedJob job_;
};

TEST_F(NamedCursorTest, GoesOnWhereItEnded) {
  Apply(OutputMessage(1, 0, "four"));
  {
    TUTTI_ASSERT_OK_AND_ASSIGN(const auto cursor,
                               NamedCursor::Open("demo", "reader"));
    EXPECT_THAT(cursor.PlacesIn(Known()), IsEmpty());
    TUTTI_ASSERT_OK(cursor.Store(job_));
  }
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto cursor,
                             NamedCursor::Open("demo", "reader"));
  const auto places = cursor.PlacesIn(Known());
  ASSERT_THAT(places, SizeIs(1));
  EXPECT_EQ(places[0].task(), 1u);
  EXPECT_EQ(places[0].attempt(), 1u);
  EXPECT_EQ(places[0].position(), 4u);
}

TEST_F(NamedCursorTest, AnotherJobAndAnotherAttemptBeginAtTheBeginning) {
  Apply(OutputMessage(0, 0, "one"));
  Apply(OutputMessage(1, 0, "two"));
  {
    TUTTI_ASSERT_OK_AND_ASSIGN(const auto cursor,
                               NamedCursor::Open("demo", "reader"));
    TUTTI_ASSERT_OK(cursor.Store(job_));
  }
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto cursor,
                             NamedCursor::Open("demo", "reader"));
  v1::GetJobResponse retried = Known();
  retried.mutable_tasks(1)->set_attempt_number(2);
  EXPECT_THAT(cursor.PlacesIn(retried), SizeIs(1));
  v1::GetJobResponse other = Known();
  other.mutable_job()->set_uuid(std::string(16, '\2'));
  EXPECT_THAT(cursor.PlacesIn(other), IsEmpty());
}

// Two readers would each get a part.
TEST_F(NamedCursorTest, HasOneReaderAtATime) {
  const auto first = NamedCursor::Open("demo", "reader");
  TUTTI_ASSERT_OK(first);
  EXPECT_THAT(NamedCursor::Open("demo", "reader"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("use another name")));
  EXPECT_THAT(NamedCursor::Open("demo", "other"), IsOk());
  EXPECT_THAT(NamedCursor::Open("elsewhere", "reader"), IsOk());
}

TEST_F(NamedCursorTest, IsNobodyElsesBusiness) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto cursor,
                             NamedCursor::Open("demo", "reader"));
  TUTTI_ASSERT_OK(cursor.Store(job_));
  struct stat info;
  ASSERT_EQ(stat(Path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(NamedCursorTest, AFileThatIsNoCursorIsNamed) {
  { TUTTI_ASSERT_OK(NamedCursor::Open("demo", "reader")); }
  for (const char* content : {"", "{}", R"({"job":1,"tasks":[]})"}) {
    TUTTI_ASSERT_OK(WriteFileAtomically(Path(), content, 0600));
    EXPECT_THAT(NamedCursor::Open("demo", "reader"),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr(Path())));
  }
}

TEST_F(NamedCursorTest, NamesAreFileNames) {
  for (const char* good : {"a", "nightly-report", "A_1.b"}) {
    TUTTI_EXPECT_OK(CheckCursorName(good));
  }
  for (const char* bad : {"", ".", "..", ".hidden", "a/b", "a b", "ü"}) {
    EXPECT_THAT(CheckCursorName(bad),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("cursor's name")));
  }
}

}  // namespace
}  // namespace tutti::cli
