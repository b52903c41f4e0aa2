#include "tests/support/terminal_window.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/base/files.h"
#include "common/text/shell_quote.h"
#include "tests/support/wait.h"

namespace tutti::testing {
namespace {

// Waits for Enter, so that nothing is written before everything is noted.
std::string ShellText(const Process::Options& command) {
  std::map<std::string, std::string> environment = command.environment;
  environment.emplace("LC_ALL", "C.UTF-8");
  // Ctrl-C is for the command, not for this shell.
  std::string text = "trap : INT; read begin; env";
  for (const auto& [name, value] : environment) {
    text += ' ' + ShellQuote(name + "=" + value);
  }
  for (const std::string& argument : command.arguments) {
    text += ' ' + ShellQuote(argument);
  }
  return text + "; echo \"[status $?]\"; exec sleep 1000";
}

}  // namespace

TerminalWindow::TerminalWindow(const Options& options) {
  const Finished started =
      Tmux({"new-session", "-d", "-x", std::to_string(options.columns), "-y",
            std::to_string(options.rows), "/bin/sh", "-c",
            ShellText(options.command)});
  EXPECT_EQ(started.status, 0) << started.error;
  Tmux({"set-option", "-g", "status", "off"});
  Tmux({"resize-window", "-x", std::to_string(options.columns), "-y",
        std::to_string(options.rows)});
  Tmux({"pipe-pane", "-o", "cat > " + ShellQuote(directory_.File("written"))});
  Press("Enter");
}

TerminalWindow::~TerminalWindow() { Tmux({"kill-server"}); }

Finished TerminalWindow::Tmux(const std::vector<std::string>& arguments) const {
  std::vector<std::string> all = {
      "/usr/bin/tmux", "-u", "-f",
      "/dev/null",     "-S", directory_.File("socket")};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return RunToEnd({.arguments = all,
                   .environment = {{"LC_ALL", "C.UTF-8"}, {"TMUX", ""}},
                   .standard_input = "",
                   .output_path = ""});
}

std::string TerminalWindow::Screen() const {
  return Tmux({"capture-pane", "-p"}).output;
}

std::string TerminalWindow::ScreenAndHistory() const {
  return Tmux({"capture-pane", "-p", "-S", "-"}).output;
}

std::string TerminalWindow::Written() const {
  return ReadFile(directory_.File("written")).value_or("");
}

void TerminalWindow::Resize(int columns, int rows) {
  Tmux({"resize-window", "-x", std::to_string(columns), "-y",
        std::to_string(rows)});
}

void TerminalWindow::Press(const std::string& keys) {
  Tmux({"send-keys", keys});
}

bool TerminalWindow::WaitForScreen(std::string_view text,
                                   absl::Duration timeout) const {
  return WaitUntil([&] { return Screen().find(text) != std::string::npos; },
                   timeout);
}

}  // namespace tutti::testing
