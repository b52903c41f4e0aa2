#include "common/text/shell_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/text/shell_quote.h"
#include "tests/support/status_matchers.h"

namespace tutti {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::tutti::testing::StatusIs;

TEST(ShellWordsTest, AreWhatAShellWouldPass) {
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const auto words,
      ShellWords(
          "  web01\tport=8080  role='a  b'c \"x \\\" \\n $y\" a\\ b '' "));
  EXPECT_THAT(words, ElementsAre("web01", "port=8080", "role=a  bc",
                                 "x \" \\n $y", "a b", ""));
}

TEST(ShellWordsTest, ACommentBeginsWhereAWordWould) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto words, ShellWords("a#b '#' # 'c"));
  EXPECT_THAT(words, ElementsAre("a#b", "#"));
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto none, ShellWords("# all"));
  EXPECT_THAT(none, IsEmpty());
}

TEST(ShellWordsTest, WhatIsNotClosedIsRefused) {
  for (const char* bad : {"a 'b", "a \"b", "a \"b\\\"", "a\\"}) {
    EXPECT_THAT(ShellWords(bad),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(";")))
        << bad;
  }
}

TEST(ShellWordsTest, ReadsWhatShellQuoteWrites) {
  for (const char* text : {"a b", "it's", "\"\\$`", "#", "", "a=b"}) {
    TUTTI_ASSERT_OK_AND_ASSIGN(const auto words, ShellWords(ShellQuote(text)));
    EXPECT_THAT(words, ElementsAre(text));
  }
}

}  // namespace
}  // namespace tutti
