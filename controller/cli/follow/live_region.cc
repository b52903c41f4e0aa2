#include "controller/cli/follow/live_region.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "controller/cli/terminal.h"

namespace tutti::cli {

namespace {

// Behind every line: a full one would wrap the cursor, and so would the "^C"
// that the terminal echoes behind a nearly full one.
constexpr int kFreeColumns = 3;

}  // namespace

LiveRegionOptions RegionOptionsOf(const Terminal& terminal) {
  LiveRegionOptions options;
  options.moves_cursor = Terminal::MovesCursor();
  options.rewraps = Terminal::RewrapsLines();
  options.color = terminal.ErrorHasColor();
  options.ascii = !options.moves_cursor || !Terminal::ShowsUtf8();
  return options;
}

int LiveRegion::Room(int width) { return std::max(1, width - kFreeColumns); }

LiveRegion::DrawnLine LiveRegion::Make(const LiveLine& line, int width) const {
  const int room = Room(width);
  std::string text = Render(line, room, options_.color);
  if (options_.ascii) text = ToAscii(text);
  return {std::move(text), std::min(DisplayWidth(PlainText(line)), room)};
}

void LiveRegion::Draw(const std::vector<LiveLine>& lines, int width) {
  if (lines.empty()) return Erase(width);
  if (!options_.moves_cursor) return DrawOneLine(Make(lines.back(), width));
  std::vector<DrawnLine> wanted;
  wanted.reserve(lines.size());
  for (const LiveLine& line : lines) wanted.push_back(Make(line, width));
  const size_t rows = Rows(width);
  if (wanted == drawn_ && rows == drawn_.size()) return;
  if (drawn()) ToFirstRow(rows);
  // What another width has wrapped leaves nothing that could be drawn over.
  if (rows != drawn_.size()) sink_ += "\x1b[J";
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (i > 0) sink_ += "\r\n";
    // The rest of the row, where something longer may have stood.
    sink_ += wanted[i].text + "\x1b[K";
  }
  if (rows > wanted.size()) sink_ += "\x1b[J";
  drawn_ = std::move(wanted);
}

void LiveRegion::DrawOneLine(const DrawnLine& line) {
  const int before = drawn() ? drawn_.front().width : 0;
  if (drawn() && drawn_.front() == line) return;
  sink_ += '\r' + line.text;
  if (before > line.width) {
    const auto rest = static_cast<size_t>(before - line.width);
    sink_ += std::string(rest, ' ') + std::string(rest, '\b');
  }
  drawn_ = {line};
}

void LiveRegion::Erase(int width) {
  if (!drawn()) return;
  if (options_.moves_cursor) {
    ToFirstRow(Rows(width));
    sink_ += "\x1b[J";
  } else {
    const auto columns = static_cast<size_t>(drawn_.front().width);
    sink_ += '\r' + std::string(columns, ' ') + '\r';
  }
  drawn_.clear();
}

size_t LiveRegion::Rows(int width) const {
  size_t rows = drawn_.size();
  for (const DrawnLine& line : drawn_) {
    if (!options_.rewraps || line.width <= width) continue;
    rows += static_cast<size_t>((line.width - 1) / width);
  }
  return rows;
}

void LiveRegion::ToFirstRow(size_t rows) {
  sink_ += '\r';
  for (; rows > 1; --rows) sink_ += "\x1b[A";
}

KeyReader::KeyReader() {
  // From the background this would stop the program.
  if (tcgetpgrp(STDIN_FILENO) != getpgrp()) return;
  if (tcgetattr(STDIN_FILENO, &saved_) != 0) return;
  termios keys = saved_;
  keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  keys.c_cc[VMIN] = 1;
  keys.c_cc[VTIME] = 0;
  changed_ = tcsetattr(STDIN_FILENO, TCSADRAIN, &keys) == 0;
}

KeyReader::~KeyReader() {
  if (changed_) tcsetattr(STDIN_FILENO, TCSADRAIN, &saved_);
}

int KeyReader::descriptor() const { return STDIN_FILENO; }

char KeyReader::Take() {
  char key = 0;
  if (read(STDIN_FILENO, &key, 1) != 1) return 0;
  return key;
}

}  // namespace tutti::cli
