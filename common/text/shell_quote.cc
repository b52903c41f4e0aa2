#include "common/text/shell_quote.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/ascii.h"
#include "common/text/utf8.h"

namespace tutti {
namespace {

bool NeedsNoQuotes(char c) {
  constexpr std::string_view kOthers = "_@%+=:,./-";
  return IsLetter(c) || IsDigit(c) || kOthers.find(c) != kOthers.npos;
}

bool IsHarmless(const Utf8Character& character) {
  return character.valid && !DrivesTerminal(character.code);
}

bool IsAllHarmless(std::string_view text) {
  while (!text.empty()) {
    const Utf8Character character = DecodeUtf8(text);
    if (!IsHarmless(character)) return false;
    text.remove_prefix(character.length);
  }
  return true;
}

std::string SingleQuoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

void AppendEscaped(std::string_view bytes, std::string& into) {
  for (const char c : bytes) {
    if (c == '\n') {
      into += "\\n";
    } else if (c == '\t') {
      into += "\\t";
    } else {
      into += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
}

std::string Escaped(std::string_view text) {
  std::string quoted = "$'";
  while (!text.empty()) {
    const Utf8Character character = DecodeUtf8(text);
    const std::string_view bytes = text.substr(0, character.length);
    text.remove_prefix(character.length);
    if (!IsHarmless(character)) {
      AppendEscaped(bytes, quoted);
      continue;
    }
    if (bytes == "\\" || bytes == "'") quoted += '\\';
    quoted += bytes;
  }
  return quoted + "'";
}

}  // namespace

std::string ShellQuote(std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), NeedsNoQuotes)) {
    return std::string(text);
  }
  return IsAllHarmless(text) ? SingleQuoted(text) : Escaped(text);
}

}  // namespace tutti
