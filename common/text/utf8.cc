#include "common/text/utf8.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

namespace tutti {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

constexpr Utf8Character Invalid(uint8_t byte) { return {byte, 1, false}; }

struct Range {
  uint32_t first;
  uint32_t last;
};

// The blocks that matter of Unicode's EastAsianWidth.txt (W and F) and of the
// pictographs that terminals draw wide.
constexpr Range kWide[] = {
    {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},
    {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
    {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F},
    {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
};

constexpr Range kZero[] = {
    {0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F},
    {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
};

template <size_t kSize>
bool Contains(const Range (&ranges)[kSize], uint32_t code) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [code](const Range& range) {
                       return code >= range.first && code <= range.last;
                     });
}

}  // namespace

Utf8Character DecodeUtf8(std::string_view text) {
  const auto byte = static_cast<uint8_t>(text[0]);
  if (byte < 0x80) return {byte, 1, true};
  int length = 0;
  uint32_t code = 0;
  uint32_t smallest = 0;
  if ((byte & 0xE0) == 0xC0) {
    length = 2, code = byte & 0x1F, smallest = 0x80;
  } else if ((byte & 0xF0) == 0xE0) {
    length = 3, code = byte & 0x0F, smallest = 0x800;
  } else if ((byte & 0xF8) == 0xF0) {
    length = 4, code = byte & 0x07, smallest = 0x10000;
  } else {
    return Invalid(byte);
  }
  if (text.size() < static_cast<size_t>(length)) return Invalid(byte);
  for (int i = 1; i < length; ++i) {
    const auto next = static_cast<uint8_t>(text[i]);
    if ((next & 0xC0) != 0x80) return Invalid(byte);
    code = code << 6 | (next & 0x3F);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < smallest || code > 0x10FFFF || surrogate) return Invalid(byte);
  return {code, length, true};
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const Utf8Character character = DecodeUtf8(text);
    if (!character.valid) return false;
    text.remove_prefix(character.length);
  }
  return true;
}

std::string ClipToUtf8(std::string_view text, size_t most) {
  std::string clipped;
  // Where there is still room for the ellipsis.
  size_t cut = 0;
  while (!text.empty()) {
    const Utf8Character character = DecodeUtf8(text);
    clipped +=
        character.valid ? text.substr(0, character.length) : kReplacement;
    if (clipped.size() > most) {
      clipped.resize(cut);
      return clipped.append(kEllipsis);
    }
    if (clipped.size() + kEllipsis.size() <= most) cut = clipped.size();
    text.remove_prefix(character.length);
  }
  return clipped;
}

bool TurnsDirection(uint32_t code) {
  return (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0x200E ||
         code == 0x200F || code == 0x061C;
}

bool DrivesTerminal(uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || TurnsDirection(code);
}

int CharacterWidth(uint32_t code) {
  if (code < 0x300) return 1;
  if (Contains(kZero, code)) return 0;
  return Contains(kWide, code) ? 2 : 1;
}

}  // namespace tutti
