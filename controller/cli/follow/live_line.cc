#include "controller/cli/follow/live_line.h"

#include <algorithm>

#include "common/text/utf8.h"

namespace tutti::cli {
namespace {

constexpr std::string_view kEllipsis = "…";

char AsciiSign(uint32_t code) {
  switch (code) {
    case U'█':
      return '#';
    case U'▒':
      return '+';
    case U'░':
      return '.';
    case U'·':
      return '|';
    case U'─':
      return '-';
    case U'…':
      return '~';
    default:
      return '?';
  }
}

}  // namespace

std::string PlainText(const LiveLine& line) {
  std::string text;
  for (const LiveSpan& span : line) text += span.text;
  return text;
}

std::string Render(const LiveLine& line, int width, bool color) {
  const std::string plain = PlainText(line);
  const std::string cut = Shorten(plain, width);
  const bool is_whole = cut == plain;
  size_t left = is_whole ? cut.size() : cut.size() - kEllipsis.size();
  std::string text;
  for (const LiveSpan& span : line) {
    const size_t length = std::min(left, span.text.size());
    if (length > 0) {
      text += Paint(span.text.substr(0, length), span.style, color);
    }
    left -= length;
  }
  if (!is_whole) text += kEllipsis;
  return text;
}

std::string ToAscii(std::string_view text) {
  std::string ascii;
  while (!text.empty()) {
    const Utf8Character character = DecodeUtf8(text);
    if (character.code < 0x80) {
      ascii += static_cast<char>(character.code);
    } else {
      ascii.append(static_cast<size_t>(CharacterWidth(character.code)),
                   AsciiSign(character.code));
    }
    text.remove_prefix(static_cast<size_t>(character.length));
  }
  return ascii;
}

}  // namespace tutti::cli
