#include "controller/cli/run/kept_jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tutti::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tutti::testing::StatusIs;

// Jobs 1 to 5; the result of `Remove` is that of each removal.
class KeptJobsTest : public ::testing::Test {
 protected:
  KeptJobsTest() {
    for (uint64_t number = 1; number <= 5; ++number) jobs_.Add(number);
  }
  absl::Status Forget(const absl::Status& result) {
    removed_.clear();
    return jobs_.ForgetOld([&](uint64_t number) {
      removed_.push_back(number);
      return result;
    });
  }

  KeptJobs jobs_;
  std::vector<uint64_t> removed_;
};

TEST_F(KeptJobsTest, TheNewestStay) {
  TUTTI_EXPECT_OK(Forget(absl::OkStatus()));
  EXPECT_THAT(removed_, ElementsAre(1, 2));
  TUTTI_EXPECT_OK(Forget(absl::OkStatus()));
  EXPECT_THAT(removed_, IsEmpty());
}

TEST_F(KeptJobsTest, OneThatIsGoneIsForgotten) {
  TUTTI_EXPECT_OK(Forget(absl::NotFoundError("no such job")));
  EXPECT_THAT(removed_, ElementsAre(1, 2));
}

TEST_F(KeptJobsTest, OneThatRunsOnIsTriedAgain) {
  TUTTI_EXPECT_OK(Forget(absl::FailedPreconditionError("not final")));
  EXPECT_THAT(removed_, ElementsAre(1));
  TUTTI_EXPECT_OK(Forget(absl::UnavailableError("no controller")));
  TUTTI_EXPECT_OK(Forget(absl::OkStatus()));
  EXPECT_THAT(removed_, ElementsAre(1, 2));
}

// Every five minutes the same line would be too much.
TEST_F(KeptJobsTest, ARefusalIsToldOnce) {
  EXPECT_THAT(Forget(absl::PermissionDeniedError("not yours")),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("tutti job remove")));
  TUTTI_EXPECT_OK(Forget(absl::PermissionDeniedError("not yours")));
  EXPECT_THAT(removed_, IsEmpty());
}

}  // namespace
}  // namespace tutti::cli
