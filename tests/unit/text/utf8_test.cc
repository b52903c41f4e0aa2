#include "common/text/utf8.h"

#include <gtest/gtest.h>

namespace tutti {
namespace {

TEST(Utf8Test, TakesWhatRfc3629AllowsAndNothingElse) {
  EXPECT_TRUE(IsUtf8("plain, Grüße, 日本, 🎻"));
  EXPECT_FALSE(IsUtf8("\xc0\xaf")) << "overlong";
  EXPECT_FALSE(IsUtf8("\xed\xa0\x80")) << "a surrogate";
  EXPECT_FALSE(IsUtf8("\xf4\x90\x80\x80")) << "beyond U+10FFFF";
  EXPECT_FALSE(IsUtf8("\xe2\x82")) << "cut off";
  EXPECT_FALSE(IsUtf8("\x80")) << "no first byte";
}

TEST(Utf8Test, ABadByteIsOneStep) {
  const Utf8Character character = DecodeUtf8("\xff rest");
  EXPECT_FALSE(character.valid);
  EXPECT_EQ(character.code, 0xffu);
  EXPECT_EQ(character.length, 1);
}

TEST(Utf8Test, ControlsAndBidirectionalMarksDriveATerminal) {
  for (const uint32_t code : {0x1bu, 0x7fu, 0x9bu, 0x202eu, 0x2066u}) {
    EXPECT_TRUE(DrivesTerminal(code)) << code;
  }
  EXPECT_FALSE(DrivesTerminal('a'));
  EXPECT_FALSE(DrivesTerminal(0xfc));
}

TEST(Utf8Test, WidthCountsColumns) {
  EXPECT_EQ(CharacterWidth('a'), 1);
  EXPECT_EQ(CharacterWidth(0x65e5), 2) << "日";
  EXPECT_EQ(CharacterWidth(0x301), 0) << "a combining accent";
}

TEST(Utf8Test, ClipsAtAWholeCharacter) {
  EXPECT_EQ(ClipToUtf8("", 3), "");
  EXPECT_EQ(ClipToUtf8("abcd", 4), "abcd");
  EXPECT_EQ(ClipToUtf8("abcde", 4), "a\u2026");
  EXPECT_EQ(ClipToUtf8("a\u00e9\u00e9\u00e9", 6), "a\u00e9\u2026");
  EXPECT_EQ(ClipToUtf8("abcd", 3), "\u2026");
}

TEST(Utf8Test, WhatIsNoUtf8IsReplaced) {
  EXPECT_EQ(ClipToUtf8("a\xff"
                       "b",
                       16),
            "a\ufffdb");
  EXPECT_EQ(ClipToUtf8("\xff\xff\xff", 7), "\ufffd\u2026");
}

}  // namespace
}  // namespace tutti
