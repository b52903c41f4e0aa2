#include "controller/cli/terminal.h"

#include <fmt/format.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "common/text/utf8.h"

namespace tutti::cli {
namespace {

bool WriteAll(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(written);
  }
  return true;
}

std::string_view EscapeSequence(Style style) {
  switch (style) {
    case Style::kNone:
      return "";
    case Style::kBold:
      return "\x1b[1m";
    case Style::kDim:
      return "\x1b[2m";
    case Style::kRed:
      return "\x1b[31m";
    case Style::kGreen:
      return "\x1b[32m";
    case Style::kYellow:
      return "\x1b[33m";
    case Style::kCyan:
      return "\x1b[36m";
  }
  return "";
}

void AppendCharacter(std::string_view text, const Utf8Character& character,
                     std::string& into) {
  const uint32_t code = character.code;
  if (!character.valid || (code >= 0x80 && code < 0xA0)) {
    into += fmt::format("\\x{:02x}", code);
  } else if (code == 0x7F) {
    into += "^?";
  } else if (code < 0x20) {
    into += '^';
    into += static_cast<char>(code + 0x40);
  } else if (TurnsDirection(code)) {
    into += fmt::format("<U+{:04X}>", code);
  } else {
    into += text.substr(0, character.length);
  }
}

// "" where it is not set.
std::string_view Environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

bool IsPlain(char c) {
  return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\t';
}

}  // namespace

bool Terminal::InputIsTerminal() const { return isatty(descriptors_.input); }
bool Terminal::OutputIsTerminal() const { return isatty(descriptors_.output); }
bool Terminal::ErrorIsTerminal() const { return isatty(descriptors_.error); }

int Terminal::Width() const {
  for (const int descriptor : {descriptors_.output, descriptors_.error}) {
    winsize size{};
    if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
      return size.ws_col;
    }
  }
  const char* columns = std::getenv("COLUMNS");
  const int width = columns != nullptr ? std::atoi(columns) : 0;
  return width > 0 ? width : 80;
}

bool Terminal::HasColor(bool is_terminal) const {
  if (color_ != ColorChoice::kAuto) return color_ == ColorChoice::kAlways;
  if (!is_terminal) return false;
  return Environment("NO_COLOR").empty() && MovesCursor();
}

bool Terminal::MovesCursor() {
  const std::string_view term = Environment("TERM");
  return !term.empty() && term != "dumb";
}

bool Terminal::RewrapsLines() {
  if (!Environment("TMUX").empty()) return true;
  // The Linux console, GNU screen and xterm.
  return Environment("TERM") != "linux" && Environment("STY").empty() &&
         Environment("XTERM_VERSION").empty();
}

bool Terminal::ShowsUtf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string_view locale = Environment(name);
    if (locale.empty()) continue;
    locale.remove_prefix(std::min(locale.find('.'), locale.size()));
    return strncasecmp(locale.data(), ".utf", 4) == 0;
  }
  return false;
}

bool Terminal::Write(std::string_view text) const {
  return WriteAll(descriptors_.output, text);
}

bool Terminal::WriteError(std::string_view text) const {
  return WriteAll(descriptors_.error, text);
}

bool Terminal::Confirm(std::string_view question) const {
  const auto answer = Ask(fmt::format("{} [y/N] ", question));
  return answer && !answer->empty() &&
         ((*answer)[0] == 'y' || (*answer)[0] == 'Y');
}

std::optional<std::string> Terminal::Ask(std::string_view prompt) const {
  WriteError(prompt);
  std::string line;
  while (true) {
    char c = 0;
    const ssize_t count = read(descriptors_.input, &c, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    if (c == '\n') return line;
    line += c;
  }
  if (line.empty()) return std::nullopt;
  return line;
}

std::string Paint(std::string_view text, Style style, bool color) {
  if (!color || style == Style::kNone) return std::string(text);
  return fmt::format("{}{}\x1b[0m", EscapeSequence(style), text);
}

void AppendSanitized(std::string_view text, std::string& into) {
  while (!text.empty()) {
    size_t plain = 0;
    while (plain < text.size() && IsPlain(text[plain])) ++plain;
    into += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    if (text.substr(0, 2) == "\r\n") {
      into += "\r\n";
      text.remove_prefix(2);
      continue;
    }
    const Utf8Character character = DecodeUtf8(text);
    AppendCharacter(text, character, into);
    text.remove_prefix(character.length);
  }
}

std::string Sanitize(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  AppendSanitized(text, result);
  return result;
}

int DisplayWidth(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    // Most text is: tables of ten thousand rows are measured.
    if (IsPlain(text.front())) {
      ++width;
      text.remove_prefix(1);
      continue;
    }
    const Utf8Character character = DecodeUtf8(text);
    width += CharacterWidth(character.code);
    text.remove_prefix(character.length);
  }
  return width;
}

std::string Shorten(std::string_view text, int width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  std::string result;
  int used = 1;  // the ellipsis
  while (!text.empty()) {
    const Utf8Character character = DecodeUtf8(text);
    used += CharacterWidth(character.code);
    if (used > width) break;
    result += text.substr(0, character.length);
    text.remove_prefix(character.length);
  }
  return result + "…";
}

}  // namespace tutti::cli
