#include "controller/cli/follow/drain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <string>

#include "common/base/file_descriptor.h"
#include "tests/support/status_matchers.h"

namespace tutti::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DrainTest : public ::testing::Test {
 protected:
  DrainTest() {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    read_end_.Reset(ends[0]);
    write_end_.Reset(ends[1]);
    TUTTI_EXPECT_OK(signals_);
  }

  absl::StatusOr<std::unique_ptr<SignalPipe>> signals_ = SignalPipe::Make();
  FileDescriptor read_end_;
  FileDescriptor write_end_;
};

// More than a pipe holds.
const std::string kMuch(1 << 20, 'x');

// If this fails, Ctrl-C does not end what writes to a reader that hangs.
TEST_F(DrainTest, ASignalEndsAWriteThatNobodyReads) {
  StandardStreams streams(write_end_.get(), STDERR_FILENO);
  streams.output().buffer() = kMuch;
  kill(getpid(), SIGTERM);
  EXPECT_THAT(Drain(streams, **signals_), ElementsAre(SIGTERM));
  EXPECT_GT(streams.output().pending(), 0u);
}

TEST_F(DrainTest, AReaderThatHasGoneEndsIt) {
  StandardStreams streams(write_end_.get(), STDERR_FILENO);
  streams.output().buffer() = kMuch;
  read_end_.Reset();
  EXPECT_THAT(Drain(streams, **signals_), IsEmpty());
  EXPECT_EQ(streams.output().error(), EPIPE);
}

}  // namespace
}  // namespace tutti::cli
