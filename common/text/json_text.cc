#include "common/text/json_text.h"

#include <array>
#include <cstddef>
#include <utility>

namespace tutti {
namespace {

constexpr size_t kDeepest = 100;
// Each member of an object is compared with all before it.
constexpr size_t kMostMembers = 2048;

bool IsTooMuch(std::string_view text) {
  // Members so far of the object that is open at each depth.
  std::array<size_t, kDeepest + 1> members = {};
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kDeepest) return true;
      members[depth] = 0;
    } else if (c == ']' || c == '}') {
      // Of one that was never open there is no JSON.
      if (depth-- == 0) return true;
    } else if (c == ':') {
      if (++members[depth] > kMostMembers) return true;
    }
  }
  return false;
}

}  // namespace

std::optional<nlohmann::ordered_json> ParseJson(std::string_view text) {
  if (IsTooMuch(text)) return std::nullopt;
  auto json =
      nlohmann::ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return std::nullopt;
  return json;
}

}  // namespace tutti
