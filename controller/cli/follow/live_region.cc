#include "controller/cli/follow/live_region.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "controller/cli/terminal.h"

namespace tutti::cli {

namespace {

// Behind every line: a full one would wrap the cursor, and so would the "^C"
// that the terminal echoes behind a nearly full one.
constexpr int kFreeColumns = 3;

}  // namespace

int LiveRegion::Room(int width) { return width - kFreeColumns; }

void LiveRegion::Draw(const std::vector<std::string>& lines, int width) {
  Erase();
  for (const std::string& line : lines) {
    if (lines_ > 0) sink_ += "\r\n";
    sink_ += Shorten(line, Room(width));
    ++lines_;
  }
}

void LiveRegion::Erase() {
  if (lines_ == 0) return;
  sink_ += '\r';
  for (; lines_ > 1; --lines_) sink_ += "\x1b[A";
  sink_ += "\x1b[J";
  lines_ = 0;
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

size_t TerminalRows(int descriptor) {
  winsize size = {};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return 24;
  return size.ws_row;
}

}  // namespace tutti::cli
