// A number of targets, or a part of them.
#ifndef CONTROLLER_CLI_RUN_SHARE_H_
#define CONTROLLER_CLI_RUN_SHARE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/text/whole_number.h"

namespace tutti::cli {

// What "10" and "25%" say. A value.
struct Share {
  uint32_t number = 0;  // 0: by percent
  uint32_t percent = 0;
  std::string text;  // as it was given

  // So many of `targets`; never 0. A part is rounded up, or down.
  uint32_t RoundedUp(uint64_t targets) const;
  uint32_t RoundedDown(uint64_t targets) const;
};

// A number from 1, or a part from 1% to 100%. INVALID_ARGUMENT begins with
// `option`.
absl::StatusOr<Share> ParseShare(std::string_view option,
                                 std::string_view text);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_SHARE_H_
