#include "controller/jobs/command_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "common/base/ascii.h"

namespace tutti::controller {
namespace {

constexpr size_t kEnough = 1000;

bool IsPlain(char c) {
  return IsLetter(c) || IsDigit(c) ||
         std::string_view("_@%+=:,./-").find(c) != std::string_view::npos;
}

bool IsPrintableAscii(char c) { return c >= 0x20 && c < 0x7f; }

// Bytes of the UTF-8 sequence that `text` begins with; 0 when it is none.
size_t Utf8Length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  const bool overlong =
      (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool surrogate = lead == 0xed && second >= 0xa0;
  const bool too_large = lead == 0xf4 && second >= 0x90;
  return overlong || surrogate || too_large ? 0 : length;
}

// True when single quotes carry it as it is.
bool IsPrintable(std::string_view text) {
  while (!text.empty()) {
    const size_t length = IsPrintableAscii(text[0]) ? 1 : Utf8Length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string Escape(std::string_view text) {
  std::string escaped = "$'";
  for (char c : text) {
    if (c == '\\' || c == '\'') {
      escaped += '\\';
      escaped += c;
    } else if (c == '\n') {
      escaped += "\\n";
    } else if (c == '\t') {
      escaped += "\\t";
    } else if (IsPrintableAscii(c)) {
      escaped += c;
    } else {
      escaped += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return escaped + "'";
}

std::string Quote(std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), IsPlain)) {
    return std::string(text);
  }
  if (!IsPrintable(text)) return Escape(text);
  std::string quoted = "'";
  for (char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

}  // namespace

std::string CommandSummary(const v1::Command& command) {
  std::string summary;
  for (const std::string& argument : command.arguments()) {
    if (!summary.empty()) summary += ' ';
    if (summary.size() > kEnough) return summary + "…";
    if (argument.size() > kEnough) {
      return summary + Quote(std::string_view(argument).substr(0, kEnough)) +
             "…";
    }
    summary += Quote(argument);
  }
  return summary;
}

}  // namespace tutti::controller
