#include "common/text/shell_quote.h"

#include <gtest/gtest.h>

#include <string>

namespace tutti {
namespace {

TEST(ShellQuoteTest, QuotesWhatAShellWouldChange) {
  EXPECT_EQ(ShellQuote("/usr/bin/id"), "/usr/bin/id");
  EXPECT_EQ(ShellQuote("a | b > c"), "'a | b > c'");
  EXPECT_EQ(ShellQuote(""), "''");
  EXPECT_EQ(ShellQuote("it's"), "'it'\\''s'");
  EXPECT_EQ(ShellQuote("grüße"), "'grüße'");
}

// It is shown on terminals, which must not be driven by it, and goes into
// protobuf's strings, which must be UTF-8.
TEST(ShellQuoteTest, WhatIsNotTextIsEscaped) {
  EXPECT_EQ(ShellQuote("\x1b[2J"), "$'\\x1b[2J'");
  EXPECT_EQ(ShellQuote("a\nb\xff\t'\\"), "$'a\\nb\\xff\\t\\'\\\\'");
  EXPECT_EQ(ShellQuote("\xed\xa0\x80"), "$'\\xed\\xa0\\x80'");
  EXPECT_EQ(ShellQuote("ü\xc2\x9b"), "$'ü\\xc2\\x9b'");
  EXPECT_EQ(ShellQuote("a\xe2\x80\xae"), "$'a\\xe2\\x80\\xae'");
}

// "\x1b" takes two digits at most in bash and zsh; a digit behind it is not
// taken for a third.
TEST(ShellQuoteTest, ADigitBehindAnEscapeIsItself) {
  EXPECT_EQ(ShellQuote("\x1b"
                       "1"),
            "$'\\x1b1'");
}

}  // namespace
}  // namespace tutti
