#include "controller/cli/run/kept_jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tutti::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tutti::testing::StatusIs;

// Jobs 0 to 4; `result` is that of removing each.
class KeptJobsTest : public ::testing::Test {
 protected:
  KeptJobsTest() {
    for (int i = 0; i < 5; ++i) {
      uuids_.push_back(Uuid::Generate(absl::FromUnixSeconds(i)));
      jobs_.Add(uuids_.back());
    }
  }
  absl::Status Forget(const std::function<absl::Status(size_t index)>& result) {
    removed_.clear();
    return jobs_.ForgetOld(
        [&](const Uuid& uuid) {
          removed_.push_back(static_cast<size_t>(
              std::find(uuids_.begin(), uuids_.end(), uuid) - uuids_.begin()));
          return result(removed_.back());
        },
        [&] { return leave_; });
  }
  absl::Status Forget(const absl::Status& result) {
    return Forget([&](size_t) { return result; });
  }

  KeptJobs jobs_;
  std::vector<Uuid> uuids_;
  std::vector<size_t> removed_;
  bool leave_ = false;
};

TEST_F(KeptJobsTest, TheNewestStay) {
  TUTTI_EXPECT_OK(Forget(absl::OkStatus()));
  EXPECT_THAT(removed_, ElementsAre(0, 1));
  TUTTI_EXPECT_OK(Forget(absl::OkStatus()));
  EXPECT_THAT(removed_, IsEmpty());
}

TEST_F(KeptJobsTest, OneThatIsGoneIsForgotten) {
  TUTTI_EXPECT_OK(Forget(absl::NotFoundError("no such job")));
  EXPECT_THAT(removed_, ElementsAre(0, 1));
}

// If this fails, a target that is lost for a day fills the controller.
TEST_F(KeptJobsTest, OneThatRunsOnHoldsUpNoOther) {
  const auto first_runs_on = [](size_t index) {
    return index == 0 ? absl::FailedPreconditionError("not final")
                      : absl::OkStatus();
  };
  TUTTI_EXPECT_OK(Forget(first_runs_on));
  EXPECT_THAT(removed_, ElementsAre(0, 1));
  TUTTI_EXPECT_OK(Forget(absl::OkStatus()));
  EXPECT_THAT(removed_, ElementsAre(0));
}

// Each call may take half a minute.
TEST_F(KeptJobsTest, NobodyIsAskedOnWhenTheControllerIsGoneOrItIsLeft) {
  EXPECT_THAT(Forget(absl::UnavailableError("no controller")),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("")));
  EXPECT_THAT(removed_, ElementsAre(0));
  leave_ = true;
  TUTTI_EXPECT_OK(Forget(absl::OkStatus()));
  EXPECT_THAT(removed_, IsEmpty());
  leave_ = false;
  TUTTI_EXPECT_OK(Forget(absl::OkStatus()));
  EXPECT_THAT(removed_, ElementsAre(0, 1));
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
