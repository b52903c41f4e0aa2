// One stream of one task, cut into whole lines.
#ifndef CONTROLLER_CLI_FOLLOW_LINE_SPLITTER_H_
#define CONTROLLER_CLI_FOLLOW_LINE_SPLITTER_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace tutti::cli {

// How lines are written.
struct LineFormat {
  // Before every line, as in "web01: ".
  std::string prefix;
  // Control sequences are shown rather than obeyed (AppendSanitized), and a
  // carriage return at the end of a line is left out.
  bool harmless = false;
};

// Holds back an unfinished line until the rest of it came, so that lines of
// several targets never mix. A line longer than kMaxLineBytes is broken up
// after every kMaxLineBytes bytes, wherever the chunks end. Not thread-safe.
class LineSplitter {
 public:
  static constexpr size_t kMaxLineBytes = 64 << 10;

  // Appends the lines that `data` completes to `output`.
  void Append(const LineFormat& format, std::string_view data,
              std::string& output);
  // The stream ended, or bytes of it are missing here: completes an
  // unfinished line with a newline.
  void Finish(const LineFormat& format, std::string& output);

 private:
  void Emit(const LineFormat& format, std::string_view rest_of_line,
            std::string& output);

  std::string unfinished_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_LINE_SPLITTER_H_
