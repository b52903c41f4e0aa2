// The last lines of a terminal, drawn over and over.
#ifndef CONTROLLER_CLI_FOLLOW_LIVE_REGION_H_
#define CONTROLLER_CLI_FOLLOW_LIVE_REGION_H_

#include <termios.h>

#include <cstddef>
#include <string>
#include <vector>

#include "controller/cli/follow/live_line.h"
#include "controller/cli/terminal.h"

namespace tutti::cli {

// What a terminal can do.
struct LiveRegionOptions {
  // Otherwise only the last line is drawn, and drawn over by carriage return
  // and blanks.
  bool moves_cursor = true;
  // A line that is too wide for a window made narrower goes on in the next
  // row; otherwise its end is cut off.
  bool rewraps = true;
  bool color = false;
  bool ascii = false;
};

// What the terminal behind standard error can do.
LiveRegionOptions RegionOptionsOf(const Terminal& terminal);

// Appends what draws and erases to the text that goes to standard error.
// The cursor stands behind the last line while it is drawn. `width` is always
// that of the terminal now. Not thread-safe.
class LiveRegion {
 public:
  LiveRegion(std::string& sink, const LiveRegionOptions& options)
      : sink_(sink), options_(options) {}

  bool drawn() const { return !drawn_.empty(); }
  // Columns that a line may have on a terminal of `width`.
  static int Room(int width);
  // In place of what is drawn. Each line is cut to its room.
  void Draw(const std::vector<LiveLine>& lines, int width);
  // Before anything else is written to the terminal.
  void Erase(int width);

 private:
  struct DrawnLine {
    std::string text;
    int width = 0;
    friend bool operator==(const DrawnLine&, const DrawnLine&) = default;
  };
  DrawnLine Make(const LiveLine& line, int width) const;
  // Rows that it takes up now.
  size_t Rows(int width) const;
  void ToFirstRow(size_t rows);
  void DrawOneLine(const DrawnLine& line);

  std::string& sink_;
  const LiveRegionOptions options_;
  std::vector<DrawnLine> drawn_;
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

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_LIVE_REGION_H_
