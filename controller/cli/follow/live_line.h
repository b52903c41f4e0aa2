// One line of the live view, in parts of different style.
#ifndef CONTROLLER_CLI_FOLLOW_LIVE_LINE_H_
#define CONTROLLER_CLI_FOLLOW_LIVE_LINE_H_

#include <string>
#include <string_view>
#include <vector>

#include "controller/cli/terminal.h"

namespace tutti::cli {

// UTF-8 without control characters.
struct LiveSpan {
  std::string text;
  Style style = Style::kNone;

  friend bool operator==(const LiveSpan&, const LiveSpan&) = default;
};
using LiveLine = std::vector<LiveSpan>;

// Without its styles.
std::string PlainText(const LiveLine& line);

// At most `width` columns of it, ready for a terminal; what is longer ends in
// "…".
std::string Render(const LiveLine& line, int width, bool color);

// For terminals that show nothing else: the signs that the live view draws
// with become ASCII ones of their own, other characters "?" for each column.
std::string ToAscii(std::string_view text);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_LIVE_LINE_H_
