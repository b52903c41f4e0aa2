#include "common/base/named_value.h"

#include "common/base/errors.h"

namespace tutti {

absl::StatusOr<NamedValue> ParseNamedValue(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return InvalidArgument("'{}' is not NAME=VALUE; write it like site=berlin",
                           text);
  }
  return NamedValue{std::string(text.substr(0, equals)),
                    std::string(text.substr(equals + 1))};
}

}  // namespace tutti
