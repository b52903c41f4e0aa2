#include "copy/progress.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "common/base/file_descriptor.h"
#include "tests/unit/copy/copy_fixture.h"

namespace tutti::copy {
namespace {

TEST(ProgressTest, SaysAFewLinesASecond) {
  const testing::TemporaryDirectory folder;
  const std::string path = folder.File("lines");
  WriteFile(path, "");
  const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  testing::FakeClock clock;
  Progress progress(file.get(), clock);
  progress.Begin(/*files=*/4, /*bytes=*/4 << 20);
  for (int i = 0; i < 2048; ++i) {
    clock.Advance(absl::Microseconds(500));
    progress.OnBytes(1024);
    if (i == 0) progress.OnFile();
  }
  EXPECT_EQ(ReadWhole(path),
            "{\"progress\":0.195,\"message\":\"1 of 4 files, 2.0 MiB/s\"}\n"
            "{\"progress\":0.391,\"message\":\"1 of 4 files, 2.0 MiB/s\"}\n");
}

TEST(ProgressTest, AReaderThatIsGoneEndsNothing) {
  signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  const FileDescriptor writing(ends[1]);
  testing::FakeClock clock;
  Progress progress(writing.get(), clock);
  progress.Begin(2, 0);
  for (int i = 0; i < 2; ++i) {
    clock.Advance(absl::Seconds(1));
    progress.OnFile();
  }
}

}  // namespace
}  // namespace tutti::copy
