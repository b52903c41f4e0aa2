// A way out of a remote terminal that does not answer.
#ifndef CONTROLLER_CLI_INPUT_ESCAPE_FILTER_H_
#define CONTROLLER_CLI_INPUT_ESCAPE_FILTER_H_

#include <string>
#include <string_view>

namespace tutti::cli {

// Finds "~." at the beginning of a line in what is typed, as ssh does; "~~"
// there stands for one "~". Not thread-safe.
class EscapeFilter {
 public:
  // What of `typed` is to be sent. After the escape nothing is.
  std::string Pass(std::string_view typed);
  // The escape was typed.
  bool escaped() const { return state_ == State::kEscaped; }

 private:
  enum class State { kLineStart, kTilde, kInLine, kEscaped };
  State state_ = State::kLineStart;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_INPUT_ESCAPE_FILTER_H_
