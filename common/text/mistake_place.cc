#include "common/text/mistake_place.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/base/ascii.h"

namespace tutti {
namespace {

constexpr char kPayload[] = "tutti/place";
constexpr size_t kMaxShownBytes = 76;

}  // namespace

absl::Status WithPlace(absl::Status mistake, std::string_view text,
                       size_t offset) {
  offset = std::min(offset, text.size());
  const size_t begin = text.substr(0, offset).rfind('\n') + 1;
  const std::string_view line =
      text.substr(begin, text.substr(begin).find('\n'));
  if (line.size() <= kMaxShownBytes &&
      std::all_of(line.begin(), line.end(), IsPrintable)) {
    mistake.SetPayload(
        kPayload, absl::Cord(fmt::format("  {}\n  {}^\n", line,
                                         std::string(offset - begin, ' '))));
  }
  return mistake;
}

std::string ShowPlace(const absl::Status& mistake) {
  const auto lines = mistake.GetPayload(kPayload);
  return lines.has_value() ? std::string(*lines) : "";
}

}  // namespace tutti
