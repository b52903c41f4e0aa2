#include "query/host/apart.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/sanitizer.h"
#include "common/base/status_macros.h"
#include "tests/support/status_matchers.h"
#include "tests/support/wait.h"

namespace tutti::query {
namespace {

using ::testing::HasSubstr;
using tutti::testing::StatusIs;
using tutti::testing::WaitUntil;

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
  TUTTI_RETURN_IF_ERROR(give(std::to_string(getpid())));
  int ends[2];
  char byte = 0;
  if (pipe(ends) != 0 || read(ends[0], &byte, 1) != 0) std::abort();
  return absl::OkStatus();
}

TEST(ApartTest, WhatIsGivenComesWhole) {
  Taken taken;
  const std::string large(300'000, 'x');
  const pid_t here = getpid();
  const ApartResult result = RunApart(
      [&](const Take& give) {
        EXPECT_NE(getpid(), here);
        TUTTI_RETURN_IF_ERROR(give(""));
        TUTTI_RETURN_IF_ERROR(give(large));
        return give("end");
      },
      taken.Taker(), kLong);
  EXPECT_EQ(result.end, ApartEnd::kDone);
  TUTTI_EXPECT_OK(result.status);
  EXPECT_EQ(taken.bytes, large + "end");
}

TEST(ApartTest, ErrorsOfBothSidesComeBack) {
  Taken taken;
  const ApartResult of_work = RunApart(
      [](const Take& give) {
        TUTTI_RETURN_IF_ERROR(give("some"));
        return NotFound("it is\ngone");
      },
      taken.Taker(), kLong);
  EXPECT_EQ(of_work.end, ApartEnd::kDone);
  EXPECT_THAT(of_work.status,
              StatusIs(absl::StatusCode::kNotFound, "it is\ngone"));
  EXPECT_EQ(taken.bytes, "some");
  const ApartResult of_take = RunApart(
      [](const Take& give) {
        while (true) TUTTI_RETURN_IF_ERROR(give("more"));
      },
      [](std::string_view) { return DataLoss("enough"); }, kLong);
  EXPECT_EQ(of_take.end, ApartEnd::kDone);
  EXPECT_THAT(of_take.status, StatusIs(absl::StatusCode::kDataLoss, "enough"));
}

TEST(ApartTest, WhatHangsIsToldToEndAndLeftBehind) {
  Taken taken;
  EXPECT_EQ(RunApart(Hang, taken.Taker(), kShort).end, ApartEnd::kSilent);
  const pid_t pid = static_cast<pid_t>(std::stol(taken.bytes));
  // Dead, and reaped there or here.
  EXPECT_TRUE(WaitUntil([&] { return waitpid(pid, nullptr, WNOHANG) != 0; }));
}

TEST(ApartTest, AChildThatDiesIsNoSilence) {
  Taken taken;
  const ApartResult ended = RunApart(
      [](const Take&) -> absl::Status { _exit(7); }, taken.Taker(), kLong);
  EXPECT_EQ(ended.end, ApartEnd::kFailed);
  EXPECT_THAT(ended.status, StatusIs(absl::StatusCode::kInternal,
                                     HasSubstr("ended with status 7")));
  const ApartResult killed = RunApart(
      [](const Take&) -> absl::Status {
        raise(SIGKILL);
        return absl::OkStatus();
      },
      taken.Taker(), kLong);
  EXPECT_EQ(killed.end, ApartEnd::kFailed);
  EXPECT_THAT(killed.status, StatusIs(absl::StatusCode::kInternal,
                                      HasSubstr("ended by signal 9")));
}

// If this fails, a limit ends a child whose last words nobody reads.
TEST(ApartTest, LimitsOfTheChildAreNamed) {
  Taken taken;
  // As the program does, by itself.
  const auto old = signal(SIGXCPU, [](int) { _exit(1); });
  const ApartResult time = RunApart(
      [](const Take&) -> absl::Status {
        raise(SIGXCPU);
        return absl::OkStatus();
      },
      taken.Taker(), kLong);
  signal(SIGXCPU, old);
  EXPECT_EQ(time.end, ApartEnd::kFailed);
  EXPECT_THAT(time.status, StatusIs(absl::StatusCode::kInternal,
                                    HasSubstr("query_cpu_limit")));
  if (kSanitized) GTEST_SKIP() << "a sanitizer needs memory of its own";
  const ApartResult memory = RunApart(
      [](const Take& give) -> absl::Status {
        const rlimit limit = {16 << 20, 16 << 20};
        if (setrlimit(RLIMIT_DATA, &limit) != 0) {
          return SystemError(errno, "limit the process");
        }
        return give(std::string(64 << 20, 'x'));
      },
      taken.Taker(), kLong);
  EXPECT_EQ(memory.end, ApartEnd::kFailed);
  EXPECT_THAT(memory.status, StatusIs(absl::StatusCode::kInternal,
                                      HasSubstr("query_memory_limit")));
}

// If this fails, whoever reads the output of a query waits for a child that
// hangs.
TEST(ApartTest, ItHoldsNoDescriptorOfOurs) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const FileDescriptor reading(ends[0]), writing(ends[1]);
  Taken taken;
  const ApartResult result = RunApart(
      [&](const Take& give) {
        for (const int fd :
             {STDOUT_FILENO, STDERR_FILENO, reading.get(), writing.get()}) {
          if (fcntl(fd, F_GETFD) >= 0) TUTTI_RETURN_IF_ERROR(give("open "));
        }
        return absl::OkStatus();
      },
      taken.Taker(), kLong);
  TUTTI_EXPECT_OK(result.status);
  EXPECT_EQ(taken.bytes, "");
}

}  // namespace
}  // namespace tutti::query
