#include "controller/cli/run/max_per_label.h"

#include <algorithm>

#include "common/base/errors.h"
#include "common/base/named_value.h"
#include "controller/cli/run/share.h"

namespace tutti::cli {

absl::StatusOr<std::vector<v1::MaxPerLabel>> ParseMaxPerLabel(
    const std::vector<std::string>& values, uint32_t least) {
  std::vector<v1::MaxPerLabel> limits;
  for (const std::string& value : values) {
    const absl::StatusOr<NamedValue> named = ParseNamedValue(value);
    uint32_t max = 0;
    if (!named.ok() || !ParseWhole(named->value, max) || max < least) {
      return InvalidArgument(
          "--max-per-label: '{}' is no label or fact with a number from {}; "
          "write rack=1",
          value, least);
    }
    v1::MaxPerLabel limit;
    limit.set_label(named->name);
    limit.set_max(max);
    if (std::any_of(limits.begin(), limits.end(), [&](const auto& other) {
          return other.label() == limit.label();
        })) {
      return InvalidArgument(
          "--max-per-label: {} is limited twice; give one number for it",
          limit.label());
    }
    limits.push_back(limit);
  }
  return limits;
}

}  // namespace tutti::cli
