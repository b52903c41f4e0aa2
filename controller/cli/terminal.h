// Standard input, output and error of the CLI, and what a terminal can show.
#ifndef CONTROLLER_CLI_TERMINAL_H_
#define CONTROLLER_CLI_TERMINAL_H_

#include <optional>
#include <string>
#include <string_view>

namespace tutti::cli {

enum class ColorChoice { kAuto, kAlways, kNever };

enum class Style { kNone, kBold, kDim, kRed, kGreen, kYellow, kCyan };

// The three descriptors. What they are is found out when first asked for, so
// that a script pays nothing. Not thread-safe but for Write and WriteError.
class Terminal {
 public:
  struct Descriptors {
    int input = 0;
    int output = 1;
    int error = 2;
  };
  Terminal() : Terminal(Descriptors{}) {}
  explicit Terminal(Descriptors descriptors) : descriptors_(descriptors) {}

  int input_descriptor() const { return descriptors_.input; }
  int output_descriptor() const { return descriptors_.output; }
  int error_descriptor() const { return descriptors_.error; }
  bool InputIsTerminal() const;
  bool OutputIsTerminal() const;
  bool ErrorIsTerminal() const;
  // Somebody can be asked: input and error are terminals.
  bool CanAsk() const { return InputIsTerminal() && ErrorIsTerminal(); }
  // TERM is set and not "dumb": sequences that move the cursor work.
  static bool MovesCursor();
  // Makes lines that are too wide go on in the next row when its window is
  // made narrower, as most do; by the marks of those that cut them off.
  static bool RewrapsLines();
  // By LC_ALL, LC_CTYPE, LANG.
  static bool ShowsUtf8();
  // Columns of the terminal, as it is now: the size that the kernel tells,
  // then $COLUMNS, then 80.
  int Width() const;

  // kAuto: on a terminal, unless NO_COLOR is set (https://no-color.org) or
  // TERM is "dumb".
  void set_color(ColorChoice choice) { color_ = choice; }
  bool OutputHasColor() const { return HasColor(OutputIsTerminal()); }
  bool ErrorHasColor() const { return HasColor(ErrorIsTerminal()); }

  // Writes all of it at once, without a buffer. False when the other side has
  // closed; the program lives on because SIGPIPE is ignored.
  bool Write(std::string_view text) const;
  bool WriteError(std::string_view text) const;

  // Shows "QUESTION [y/N] " and reads a line; false unless it begins with y.
  bool Confirm(std::string_view question) const;
  // Shows `prompt` and reads a line without its end; nothing at end of input.
  std::optional<std::string> Ask(std::string_view prompt) const;

 private:
  bool HasColor(bool is_terminal) const;

  Descriptors descriptors_;
  ColorChoice color_ = ColorChoice::kAuto;
};

// `text` in `style`, or as it is when there is no colour.
std::string Paint(std::string_view text, Style style, bool color);

// Text from elsewhere made harmless for a terminal: control characters as ^X,
// C1 controls and bytes that are not UTF-8 as \x9b, characters that turn the
// direction of writing as <U+202E>. Tab, newline, and a carriage return
// before a newline stay.
std::string Sanitize(std::string_view text);
// The same, added to `into`.
void AppendSanitized(std::string_view text, std::string& into);

// Columns that `text` (UTF-8 without control characters) takes.
int DisplayWidth(std::string_view text);

// At most `width` columns of `text`; what is longer ends in "…".
std::string Shorten(std::string_view text, int width);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_TERMINAL_H_
