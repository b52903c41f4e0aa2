#include "controller/cli/terminal.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "common/base/file_descriptor.h"

namespace tutti::cli {
namespace {

// If this fails, output of a target can move the cursor, set the title or
// answer for whoever sits there.
TEST(SanitizeTest, ControlCharactersAreShown) {
  EXPECT_EQ(Sanitize("a\x1b]0;title\x07z"), "a^[]0;title^Gz");
  EXPECT_EQ(Sanitize(std::string("\0\x7f", 2)), "^@^?");
  EXPECT_EQ(Sanitize("\xc2\x9b"
                     "31m"),
            "\\x9b31m");
  EXPECT_EQ(Sanitize("\x9b"
                     "31m"),
            "\\x9b31m");
  EXPECT_EQ(Sanitize("a\xe2\x80\xae"
                     "b"),
            "a<U+202E>b");
}

TEST(SanitizeTest, TextStays) {
  EXPECT_EQ(Sanitize("tab\tline\nend\r\n"), "tab\tline\nend\r\n");
  EXPECT_EQ(Sanitize("50%\r60%"), "50%^M60%");
  EXPECT_EQ(Sanitize("Grüße 日本 🎻"), "Grüße 日本 🎻");
}

TEST(DisplayTest, WidthIsInColumns) {
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("Grüße"), 5);
  EXPECT_EQ(DisplayWidth("日本"), 4);
  EXPECT_EQ(DisplayWidth("e\xcc\x81"), 1);
  EXPECT_EQ(Shorten("abcdef", 6), "abcdef");
  EXPECT_EQ(Shorten("abcdefg", 6), "abcde…");
  EXPECT_EQ(Shorten("日本語", 4), "日…");
}

TEST(TerminalTest, ColorIsForTerminalsUnlessAskedFor) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const FileDescriptor reader(ends[0]);
  const FileDescriptor writer(ends[1]);
  Terminal terminal(
      {.input = reader.get(), .output = writer.get(), .error = writer.get()});
  EXPECT_FALSE(terminal.OutputHasColor());
  EXPECT_FALSE(terminal.CanAsk());
  terminal.set_color(ColorChoice::kAlways);
  EXPECT_TRUE(terminal.OutputHasColor());
  EXPECT_EQ(Paint("x", Style::kRed, true), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(Paint("x", Style::kRed, false), "x");
}

// If this fails, `| head` is an endless loop or a death by SIGPIPE.
TEST(TerminalTest, WriteSaysThatTheReaderIsGone) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  const FileDescriptor writer(ends[1]);
  signal(SIGPIPE, SIG_IGN);
  EXPECT_FALSE(Terminal({.output = writer.get()}).Write("x"));
}

TEST(TerminalTest, ConfirmTakesYesAlone) {
  const auto answer = [](std::string_view text) {
    int input[2];
    int output[2];
    EXPECT_EQ(pipe(input), 0);
    EXPECT_EQ(pipe(output), 0);
    const FileDescriptor ends[] = {FileDescriptor(input[0]),
                                   FileDescriptor(output[0]),
                                   FileDescriptor(output[1])};
    EXPECT_EQ(write(input[1], text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
    close(input[1]);
    return Terminal({.input = input[0], .output = 1, .error = output[1]})
        .Confirm("sure?");
  };
  EXPECT_TRUE(answer("y\n"));
  EXPECT_TRUE(answer("Yes\n"));
  EXPECT_FALSE(answer("\n"));
  EXPECT_FALSE(answer("no\n"));
  EXPECT_FALSE(answer(""));
}

}  // namespace
}  // namespace tutti::cli
