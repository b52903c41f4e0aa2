#include "controller/cli/input/raw_terminal.h"

#include <sys/ioctl.h>

#include <cerrno>

#include "common/base/errors.h"

namespace tutti::cli {

absl::StatusOr<std::unique_ptr<RawTerminal>> RawTerminal::Enter(
    int descriptor) {
  termios before = {};
  if (tcgetattr(descriptor, &before) != 0) {
    return SystemError(errno, "ask the terminal for its settings");
  }
  termios raw = before;
  cfmakeraw(&raw);
  // What was typed already is for the other side.
  if (tcsetattr(descriptor, TCSADRAIN, &raw) != 0) {
    return SystemError(errno, "change the settings of the terminal");
  }
  return std::unique_ptr<RawTerminal>(new RawTerminal(descriptor, before));
}

RawTerminal::~RawTerminal() { tcsetattr(descriptor_, TCSADRAIN, &before_); }

v1::WindowSize WindowSizeOf(int descriptor) {
  winsize size = {};
  v1::WindowSize window;
  window.set_rows(24);
  window.set_columns(80);
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return window;
  if (size.ws_row > 0) window.set_rows(size.ws_row);
  if (size.ws_col > 0) window.set_columns(size.ws_col);
  return window;
}

}  // namespace tutti::cli
