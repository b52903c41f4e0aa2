// A terminal with somebody in front of it, for integration tests.
#ifndef TESTS_SUPPORT_TERMINAL_WINDOW_H_
#define TESTS_SUPPORT_TERMINAL_WINDOW_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

namespace tutti::testing {

// One command in a window of a tmux of its own. Not thread-safe. Ends the tmux
// and the command when it goes.
class TerminalWindow {
 public:
  struct Options {
    int columns = 80;
    int rows = 24;
    // `arguments` and `environment`, to which a UTF-8 locale is added, count.
    Process::Options command;
  };
  explicit TerminalWindow(const Options& options);
  ~TerminalWindow();
  TerminalWindow(const TerminalWindow&) = delete;
  TerminalWindow& operator=(const TerminalWindow&) = delete;

  // What can be seen: lines without the blanks at their ends. When the command
  // has ended the last one is "[status N]".
  std::string Screen() const;
  // The same with the lines above the window.
  std::string ScreenAndHistory() const;
  // All bytes that were written to the terminal so far.
  std::string Written() const;
  void Resize(int columns, int rows);
  // `keys` as tmux names them: "y", "Enter", "C-c".
  void Press(const std::string& keys);

  // Waits until `text` can be seen.
  bool WaitForScreen(std::string_view text,
                     absl::Duration timeout = absl::Seconds(30)) const;

 private:
  Finished Tmux(const std::vector<std::string>& arguments) const;

  TemporaryDirectory directory_;
};

}  // namespace tutti::testing

#endif  // TESTS_SUPPORT_TERMINAL_WINDOW_H_
