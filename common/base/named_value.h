// A value with its name, as people write it on a command line.
#ifndef COMMON_BASE_NAMED_VALUE_H_
#define COMMON_BASE_NAMED_VALUE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tutti {

struct NamedValue {
  std::string name;
  std::string value;
};

// "NAME=VALUE"; the value may be empty and hold more of '='.
// INVALID_ARGUMENT for anything else.
absl::StatusOr<NamedValue> ParseNamedValue(std::string_view text);

}  // namespace tutti

#endif  // COMMON_BASE_NAMED_VALUE_H_
