#include "controller/cli/follow/utf8_tail.h"

#include <algorithm>
#include <cstdint>

namespace tutti::cli {
namespace {

// How many bytes a character has that begins with `lead`; 0 for a byte that
// begins none.
size_t LengthByLead(uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

}  // namespace

size_t IncompleteUtf8Tail(std::string_view text) {
  for (size_t tail = 1; tail <= std::min<size_t>(3, text.size()); ++tail) {
    const auto byte = static_cast<uint8_t>(text[text.size() - tail]);
    const bool continues = (byte & 0xc0) == 0x80;
    if (!continues) return LengthByLead(byte) > tail ? tail : 0;
  }
  return 0;
}

}  // namespace tutti::cli
