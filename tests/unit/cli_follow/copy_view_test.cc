// Where this fails, people read JSON where a copy says what it changed.
#include "controller/cli/follow/copy_view.h"

#include <gtest/gtest.h>

namespace tutti::cli {
namespace {

TEST(CopyViewTest, SaysWhatACopyChanged) {
  EXPECT_EQ(CopyResultText(
                R"({"files":12,"changed":3,"bytes":9,"received_bytes":2048})"
                "\n"),
            "changed 3 of 12 files, 2.0 KiB received");
  EXPECT_EQ(CopyResultText(
                R"({"files":12,"changed":0,"bytes":9,"received_bytes":70})"),
            "nothing to change");
}

TEST(CopyViewTest, WhatIsNoResultIsNotReadAsOne) {
  for (const char* text : {"", "[]", "{", R"({"files":-1,"changed":0})",
                           R"({"files":"1","changed":1,"received_bytes":1})"}) {
    EXPECT_EQ(CopyResultText(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace tutti::cli
