#include "controller/cli/run/share.h"

#include <algorithm>

#include "common/base/errors.h"

namespace tutti::cli {

uint32_t Share::RoundedUp(uint64_t targets) const {
  if (number > 0) return number;
  return std::max<uint32_t>(
      1, static_cast<uint32_t>((targets * percent + 99) / 100));
}

uint32_t Share::RoundedDown(uint64_t targets) const {
  if (number > 0) return number;
  return std::max<uint32_t>(1, static_cast<uint32_t>(targets * percent / 100));
}

absl::StatusOr<Share> ParseShare(std::string_view option,
                                 std::string_view text) {
  Share share;
  share.text = text;
  if (text.ends_with('%')) {
    text.remove_suffix(1);
    if (ParseWhole(text, share.percent) && share.percent >= 1 &&
        share.percent <= 100) {
      return share;
    }
  } else if (ParseWhole(text, share.number) && share.number > 0) {
    return share;
  }
  return InvalidArgument(
      "{}: '{}' is neither a number from 1 nor a part from 1% to 100%; "
      "write 10 or 25%",
      option, share.text);
}

}  // namespace tutti::cli
