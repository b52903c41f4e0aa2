#include "controller/cli/follow/descriptor_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "tests/support/temporary_directory.h"

namespace tutti::cli {
namespace {

struct Pipe {
  Pipe() {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    reader.Reset(ends[0]);
    writer.Reset(ends[1]);
  }
  std::string Read(size_t size) {
    std::string text(size, '\0');
    const ssize_t count = read(reader.get(), text.data(), size);
    text.resize(count > 0 ? static_cast<size_t>(count) : 0);
    return text;
  }
  FileDescriptor reader;
  FileDescriptor writer;
};

// Ctrl-C must work while `| less` does not read.
TEST(DescriptorWriterTest, AFullPipeDoesNotBlock) {
  Pipe pipe;
  DescriptorWriter writer(pipe.writer.get());
  const std::string text(1 << 20, 'x');
  writer.buffer() += text;
  writer.Flush();
  EXPECT_GT(writer.pending(), 0u);
  size_t received = 0;
  while (received < text.size()) {
    received += pipe.Read(1 << 16).size();
    writer.Flush();
  }
  EXPECT_EQ(received, text.size());
  EXPECT_EQ(writer.pending(), 0u);
}

// Others share the descriptor, a shell for example.
TEST(DescriptorWriterTest, LeavesTheDescriptorItselfBlocking) {
  Pipe pipe;
  DescriptorWriter writer(pipe.writer.get());
  EXPECT_EQ(fcntl(pipe.writer.get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST(DescriptorWriterTest, SeesThatNobodyReads) {
  signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  DescriptorWriter writer(pipe.writer.get());
  pipe.reader.Reset();
  writer.buffer() += "x";
  writer.Flush();
  EXPECT_TRUE(writer.closed());
  EXPECT_EQ(writer.error(), EPIPE);
  EXPECT_EQ(writer.pending(), 0u);
}

TEST(DescriptorWriterTest, AppendsToAFileThatOthersWriteTo) {
  testing::TemporaryDirectory directory;
  const std::string path = directory.File("log");
  FileDescriptor file(open(path.c_str(), O_RDWR | O_CREAT, 0600));
  ASSERT_EQ(write(file.get(), "before\n", 7), 7);
  DescriptorWriter writer(file.get());
  writer.buffer() += "after\n";
  writer.Flush();
  char text[32] = {};
  EXPECT_EQ(pread(file.get(), text, sizeof text, 0), 13);
  EXPECT_STREQ(text, "before\nafter\n");
}

TEST(StandardStreamsTest, KeepTheOrderWhereBothLeadToOnePlace) {
  Pipe pipe;
  FileDescriptor second(dup(pipe.writer.get()));
  StandardStreams streams(pipe.writer.get(), second.get());
  EXPECT_TRUE(streams.shared());
  streams.output().buffer() += "1";
  streams.error().buffer() += "2";
  streams.output().buffer() += "3";
  streams.Flush();
  EXPECT_EQ(pipe.Read(16), "123");
}

TEST(StandardStreamsTest, StayApartOtherwise) {
  Pipe output;
  Pipe error;
  StandardStreams streams(output.writer.get(), error.writer.get());
  EXPECT_FALSE(streams.shared());
  streams.output().buffer() += "out";
  streams.error().buffer() += "err";
  EXPECT_EQ(streams.pending(), 6u);
  streams.Flush();
  EXPECT_EQ(output.Read(16), "out");
  EXPECT_EQ(error.Read(16), "err");
}

}  // namespace
}  // namespace tutti::cli
