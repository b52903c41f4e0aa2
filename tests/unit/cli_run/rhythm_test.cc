#include "controller/cli/run/rhythm.h"

#include <gtest/gtest.h>

namespace tutti::cli {
namespace {

const absl::Time kFirst = absl::FromUnixSeconds(100);

TEST(RhythmTest, DoesNotDriftWithWhatEachTimeTakes) {
  Rhythm rhythm(kFirst, absl::Seconds(10));
  Rhythm::Beat beat = rhythm.Next(kFirst + absl::Seconds(3));
  EXPECT_EQ(beat.at, kFirst + absl::Seconds(10));
  EXPECT_EQ(beat.left_out, 0);
  beat = rhythm.Next(kFirst + absl::Milliseconds(19'999));
  EXPECT_EQ(beat.at, kFirst + absl::Seconds(20));
  EXPECT_EQ(beat.left_out, 0);
}

TEST(RhythmTest, WhatWouldOverlapIsLeftOut) {
  Rhythm rhythm(kFirst, absl::Seconds(10));
  Rhythm::Beat beat = rhythm.Next(kFirst + absl::Seconds(35));
  EXPECT_EQ(beat.at, kFirst + absl::Seconds(40));
  EXPECT_EQ(beat.left_out, 3);
  // One that came exactly in its time is still later than the next.
  beat = rhythm.Next(kFirst + absl::Seconds(50));
  EXPECT_EQ(beat.at, kFirst + absl::Seconds(60));
  EXPECT_EQ(beat.left_out, 1);
}

// A beat is not given twice, also when a clock is asked too early.
TEST(RhythmTest, OnlyGoesForward) {
  Rhythm rhythm(kFirst, absl::Seconds(10));
  EXPECT_EQ(rhythm.Next(kFirst).at, kFirst + absl::Seconds(10));
  EXPECT_EQ(rhythm.Next(kFirst + absl::Seconds(9)).at,
            kFirst + absl::Seconds(20));
}

}  // namespace
}  // namespace tutti::cli
