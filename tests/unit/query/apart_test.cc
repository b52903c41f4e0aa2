#include "query/host/apart.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/status_macros.h"
#include "tests/support/status_matchers.h"

namespace tutti::query {
namespace {

using ::testing::HasSubstr;
using tutti::testing::StatusIs;

// No test waits for so long unless it fails.
constexpr absl::Duration kLong = absl::Seconds(60);
constexpr absl::Duration kShort = absl::Milliseconds(50);

struct Taken {
  std::string bytes;
  Take Taker() {
    return [this](std::string_view piece) {
      bytes += piece;
      return absl::OkStatus();
    };
  }
};

// A system call that never returns.
absl::Status Hang(const Take& give) {
  TUTTI_RETURN_IF_ERROR(give("begun"));
  int ends[2];
  char byte = 0;
  if (pipe(ends) != 0 || read(ends[0], &byte, 1) != 0) std::abort();
  return absl::OkStatus();
}

TEST(ApartTest, WhatIsGivenComesWhole) {
  Taken taken;
  const std::string large(300'000, 'x');
  const pid_t here = getpid();
  TUTTI_EXPECT_OK(RunApart(
      [&](const Take& give) {
        EXPECT_NE(getpid(), here);
        TUTTI_RETURN_IF_ERROR(give(""));
        TUTTI_RETURN_IF_ERROR(give(large));
        return give("end");
      },
      taken.Taker(), kLong));
  EXPECT_EQ(taken.bytes, large + "end");
}

TEST(ApartTest, ErrorsOfBothSidesComeBack) {
  Taken taken;
  EXPECT_THAT(RunApart(
                  [](const Take& give) {
                    TUTTI_RETURN_IF_ERROR(give("some"));
                    return NotFound("it is\ngone");
                  },
                  taken.Taker(), kLong),
              StatusIs(absl::StatusCode::kNotFound, "it is\ngone"));
  EXPECT_EQ(taken.bytes, "some");
  EXPECT_THAT(RunApart(
                  [](const Take& give) {
                    while (true) TUTTI_RETURN_IF_ERROR(give("more"));
                  },
                  [](std::string_view) { return DataLoss("enough"); }, kLong),
              StatusIs(absl::StatusCode::kDataLoss, "enough"));
}

TEST(ApartTest, WhatHangsIsLeftBehind) {
  Taken taken;
  EXPECT_THAT(RunApart(Hang, taken.Taker(), kShort),
              StatusIs(absl::StatusCode::kDeadlineExceeded, "nothing came"));
  EXPECT_EQ(taken.bytes, "begun");
}

TEST(ApartTest, AChildThatDiesIsAnError) {
  Taken taken;
  EXPECT_THAT(RunApart([](const Take&) -> absl::Status { _exit(0); },
                       taken.Taker(), kLong),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("is gone")));
}

// If this fails, whoever reads the output of a query waits for a child that
// hangs.
TEST(ApartTest, ItHoldsNoDescriptorOfOurs) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const FileDescriptor reading(ends[0]), writing(ends[1]);
  Taken taken;
  TUTTI_EXPECT_OK(RunApart(
      [&](const Take& give) {
        for (const int fd :
             {STDOUT_FILENO, STDERR_FILENO, reading.get(), writing.get()}) {
          if (fcntl(fd, F_GETFD) >= 0) TUTTI_RETURN_IF_ERROR(give("open "));
        }
        return absl::OkStatus();
      },
      taken.Taker(), kLong));
  EXPECT_EQ(taken.bytes, "");
}

}  // namespace
}  // namespace tutti::query
