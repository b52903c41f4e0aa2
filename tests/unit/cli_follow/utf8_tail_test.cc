#include "controller/cli/follow/utf8_tail.h"

#include <gtest/gtest.h>

namespace tutti::cli {
namespace {

TEST(IncompleteUtf8TailTest, FindsCharactersThatWereCut) {
  EXPECT_EQ(IncompleteUtf8Tail(""), 0u);
  EXPECT_EQ(IncompleteUtf8Tail("abc"), 0u);
  EXPECT_EQ(IncompleteUtf8Tail("\xc3"), 1u);
  EXPECT_EQ(IncompleteUtf8Tail("a\xc3\xbc"), 0u);
  EXPECT_EQ(IncompleteUtf8Tail("\xe2\x82"), 2u);
  EXPECT_EQ(IncompleteUtf8Tail("\xf0\x9f\x98"), 3u);
  EXPECT_EQ(IncompleteUtf8Tail("\xf0\x9f\x98\x80"), 0u);
}

// Bytes that are no UTF-8 must not be held back for ever.
TEST(IncompleteUtf8TailTest, LeavesOtherBytesAlone) {
  EXPECT_EQ(IncompleteUtf8Tail("\xff"), 0u);
  EXPECT_EQ(IncompleteUtf8Tail("\x80\x80\x80\x80"), 0u);
}

}  // namespace
}  // namespace tutti::cli
