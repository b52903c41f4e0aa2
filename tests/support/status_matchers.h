// Matchers for absl::Status and absl::StatusOr; Debian's abseil has none.
#ifndef TESTS_SUPPORT_STATUS_MATCHERS_H_
#define TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tutti::testing {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& status_or) {
  return status_or.status();
}

MATCHER(IsOk, "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

// StatusIs(absl::StatusCode::kNotFound, HasSubstr("web01"))
MATCHER_P2(StatusIs, code, message_matcher, "") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code &&
         ::testing::ExplainMatchResult(message_matcher,
                                       std::string(StatusOf(arg).message()),
                                       result_listener);
}

#define TUTTI_ASSERT_OK(expression) \
  ASSERT_THAT(expression, ::tutti::testing::IsOk())
#define TUTTI_EXPECT_OK(expression) \
  EXPECT_THAT(expression, ::tutti::testing::IsOk())
// TUTTI_ASSERT_OK_AND_ASSIGN(auto value, Compute());
#define TUTTI_ASSERT_OK_AND_ASSIGN(declaration, expression) \
  TUTTI_ASSERT_OK_AND_ASSIGN_IMPL_(                         \
      TUTTI_TEST_CONCATENATE_(tutti_or_, __LINE__), declaration, expression)
#define TUTTI_ASSERT_OK_AND_ASSIGN_IMPL_(holder, declaration, expression) \
  auto holder = (expression);                                             \
  ASSERT_THAT(holder, ::tutti::testing::IsOk());                          \
  declaration = *std::move(holder)
#define TUTTI_TEST_CONCATENATE_IMPL_(a, b) a##b
#define TUTTI_TEST_CONCATENATE_(a, b) TUTTI_TEST_CONCATENATE_IMPL_(a, b)

}  // namespace tutti::testing

#endif  // TESTS_SUPPORT_STATUS_MATCHERS_H_
