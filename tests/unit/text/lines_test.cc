#include "common/text/lines.h"

#include <gmock/gmock.h>

#include <string_view>

namespace tutti {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(LinesTest, TakesOneLineAfterTheOther) {
  std::string_view text = "a\n\nb";
  EXPECT_EQ(TakeLine(text), "a");
  EXPECT_EQ(TakeLine(text), "");
  EXPECT_EQ(TakeLine(text), "b");
  EXPECT_EQ(TakeLine(text), "");
}

TEST(LinesTest, BlanksInsideStay) {
  EXPECT_EQ(Trimmed(" \ta b\r\n"), "a b");
  EXPECT_EQ(Trimmed(" \n"), "");
}

TEST(LinesTest, WordsStandBetweenBlanks) {
  EXPECT_THAT(Words("  a\tb  c"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Words(" "), IsEmpty());
}

}  // namespace
}  // namespace tutti
