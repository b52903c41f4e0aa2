#include "controller/cli/follow/transfer_line.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/time/time.h"

namespace tutti::cli {
namespace {

constexpr uint64_t kMebibyte = 1 << 20;

TEST(TransferLineTest, SaysHowMuchHowFastAndHowLong) {
  EXPECT_EQ(TransferText("uploading", 100 * kMebibyte, 400 * kMebibyte,
                         absl::Seconds(4)),
            "uploading 100.0 MiB of 400.0 MiB · 25.0 MiB/s · 12 s left");
  EXPECT_EQ(TransferText("uploading", 400 * kMebibyte, 400 * kMebibyte,
                         absl::Seconds(4)),
            "uploading 400.0 MiB of 400.0 MiB · 100.0 MiB/s");
  EXPECT_EQ(TransferText("packing", 100 * kMebibyte, 0, absl::Seconds(4)),
            "packing 100.0 MiB · 25.0 MiB/s");
}

TEST(TransferLineTest, SaysNoRateBeforeThereIsOne) {
  EXPECT_EQ(TransferText("uploading", 0, kMebibyte, absl::Seconds(4)),
            "uploading 0 B of 1.0 MiB");
  EXPECT_EQ(TransferText("uploading", 1024, kMebibyte, absl::ZeroDuration()),
            "uploading 1.0 KiB of 1.0 MiB");
}

}  // namespace
}  // namespace tutti::cli
