#include "controller/cli/input/escape_filter.h"

#include <gtest/gtest.h>

#include <string>

namespace tutti::cli {
namespace {

// Typed in pieces of every size: what is sent, and whether it ended there.
struct Typed {
  std::string sent;
  bool escaped = false;
};
Typed Type(const std::string& text, size_t piece) {
  EscapeFilter filter;
  Typed typed;
  for (size_t at = 0; at < text.size(); at += piece) {
    typed.sent += filter.Pass(text.substr(at, piece));
  }
  typed.escaped = filter.escaped();
  return typed;
}

TEST(EscapeFilterTest, TildeDotAtTheBeginningOfALineEndsIt) {
  for (const std::string before : {"", "ls\r", "ls\n", "a~.\r"}) {
    for (const size_t piece : {1, 2, 100}) {
      const Typed typed = Type(before + "~.never", piece);
      EXPECT_TRUE(typed.escaped) << before;
      EXPECT_EQ(typed.sent, before);
    }
  }
}

// If this fails, people can not write `cd ~` or `~/bin/x` there.
TEST(EscapeFilterTest, OtherTildesGoThrough) {
  for (const std::string text :
       {"cd ~.\r", "~/bin/x\r", "echo ~.", "~a~.", "\x03~x"}) {
    for (const size_t piece : {1, 2, 100}) {
      const Typed typed = Type(text, piece);
      EXPECT_FALSE(typed.escaped) << text;
      EXPECT_EQ(typed.sent, text);
    }
  }
}

TEST(EscapeFilterTest, TwoTildesStandForOne) {
  const Typed typed = Type("~~.\r", 1);
  EXPECT_FALSE(typed.escaped);
  EXPECT_EQ(typed.sent, "~.\r");
}

}  // namespace
}  // namespace tutti::cli
