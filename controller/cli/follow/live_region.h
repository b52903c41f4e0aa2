// The last lines of a terminal, drawn over and over.
#ifndef CONTROLLER_CLI_FOLLOW_LIVE_REGION_H_
#define CONTROLLER_CLI_FOLLOW_LIVE_REGION_H_

#include <termios.h>

#include <cstddef>
#include <string>
#include <vector>

namespace tutti::cli {

// Appends what draws and erases to the text that goes to standard error.
// The cursor stands behind the last line while it is drawn. Not thread-safe.
class LiveRegion {
 public:
  explicit LiveRegion(std::string& sink) : sink_(sink) {}

  bool drawn() const { return lines_ > 0; }
  // Columns that a line may have on a terminal of `width`.
  static int Room(int width);
  // Each line is cut to that; they hold no control sequences.
  void Draw(const std::vector<std::string>& lines, int width);
  // Before anything else is written to the terminal.
  void Erase();

 private:
  std::string& sink_;
  size_t lines_ = 0;
};

// Single keys from standard input, without Enter, while it lives; Ctrl-C is
// still a signal.
class KeyReader {
 public:
  KeyReader();
  ~KeyReader();
  KeyReader(const KeyReader&) = delete;
  KeyReader& operator=(const KeyReader&) = delete;

  int descriptor() const;
  // The key that was pressed; 0 at the end of input. Call it when the
  // descriptor is readable.
  char Take();

 private:
  termios saved_ = {};
  bool changed_ = false;
};

// Rows of the terminal at `descriptor`; 24 where nobody knows.
size_t TerminalRows(int descriptor);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_LIVE_REGION_H_
