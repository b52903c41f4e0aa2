// The operator's terminal while another one shows through.
#ifndef CONTROLLER_CLI_INPUT_RAW_TERMINAL_H_
#define CONTROLLER_CLI_INPUT_RAW_TERMINAL_H_

#include <termios.h>

#include <memory>

#include "absl/status/statusor.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti::cli {

// What is typed comes byte by byte and unchanged, Ctrl-C too; what is written
// is shown unchanged. Back to what it was when this goes.
class RawTerminal {
 public:
  // `descriptor`: of a terminal; borrowed.
  static absl::StatusOr<std::unique_ptr<RawTerminal>> Enter(int descriptor);
  ~RawTerminal();
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

 private:
  RawTerminal(int descriptor, const termios& before)
      : descriptor_(descriptor), before_(before) {}

  const int descriptor_;
  const termios before_;
};

// As it is now; 24 by 80 where the terminal does not say.
v1::WindowSize WindowSizeOf(int descriptor);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_INPUT_RAW_TERMINAL_H_
