#include "controller/cli/input/escape_filter.h"

namespace tutti::cli {

std::string EscapeFilter::Pass(std::string_view typed) {
  std::string passed;
  for (const char c : typed) {
    switch (state_) {
      case State::kEscaped:
        return passed;
      case State::kLineStart:
        if (c == '~') {
          state_ = State::kTilde;
          continue;
        }
        break;
      case State::kTilde:
        if (c == '.') {
          state_ = State::kEscaped;
          return passed;
        }
        if (c != '~') passed += '~';
        break;
      case State::kInLine:
        break;
    }
    passed += c;
    state_ = c == '\r' || c == '\n' ? State::kLineStart : State::kInLine;
  }
  return passed;
}

}  // namespace tutti::cli
