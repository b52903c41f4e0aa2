#include "tests/support/fleet.h"

#include <fmt/format.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "common/base/files.h"
#include "tests/support/wait.h"

namespace tutti::testing {
namespace {

// A test that has no fleet has nothing to say.
[[noreturn]] void Abort(const std::string& what) {
  fmt::print(stderr, "the fleet of the test could not be started: {}\n", what);
  std::abort();
}

void ReplaceInFile(const std::string& path, const std::string& from,
                   const std::string& to) {
  absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) Abort(text.status().ToString());
  for (size_t at = text->find(from); at != std::string::npos;
       at = text->find(from, at + to.size())) {
    text->replace(at, from.size(), to);
  }
  if (!WriteFileAtomically(path, *text, 0600).ok()) Abort(path);
}

}  // namespace

std::string ProgramPath(std::string_view name) {
  return fmt::format("{}/{}", TUTTI_BINARY_DIRECTORY, name);
}

Fleet::Fleet(Options options) : options_(std::move(options)) {
  const Finished made = RunToEnd(
      {.arguments = {ProgramPath("tutti-controller"), "init", "--fleet",
                     options_.name, "--dir", ControllerDirectory(), "--listen",
                     "127.0.0.1:0", "--controllers", "127.0.0.1:0"},
       .environment = {},
       .standard_input = "",
       .output_path = ""});
  if (made.status != 0) Abort(made.error);
  StartController();
}

Fleet::~Fleet() {
  agents_.clear();
  for (auto& [name, runner] : runners_) runner->Signal(SIGTERM);
  for (auto& [name, runner] : runners_) runner->Wait(absl::Seconds(5));
}

std::string Fleet::address() const {
  return fmt::format("127.0.0.1:{}", port_);
}

void Fleet::StartController() {
  const std::string port_file = File("port");
  std::vector<std::string> arguments = {
      ProgramPath("tutti-controller"), "run",         "--dir",
      ControllerDirectory(),           "--port-file", port_file};
  arguments.insert(arguments.end(), options_.controller_flags.begin(),
                   options_.controller_flags.end());
  std::remove(port_file.c_str());
  controller_ =
      std::make_unique<Process>(Process::Options{arguments, {}, "", ""});
  const bool listens = WaitUntil(
      [&] { return ReadFile(port_file).ok() || !controller_->running(); });
  const absl::StatusOr<std::string> port = ReadFile(port_file);
  if (!listens || !port.ok()) Abort(controller_->error());
  if (port_ != 0) return;
  port_ = std::atoi(port->c_str());
  // From now on it is this port, also after a restart.
  ReplaceInFile(ControllerDirectory() + "/controller.yaml", "127.0.0.1:0",
                address());
  ReplaceInFile(ConfigPath(), "127.0.0.1:0", address());
}

std::string Fleet::MakeToken(const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {"token", "create"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const Finished token = Run(all);
  if (token.status != 0) Abort(token.error);
  return token.output;
}

Finished Fleet::Enroll(const std::string& name, const std::string& token) {
  return RunToEnd({.arguments = {ProgramPath("tutti-agent"), "enroll", "--name",
                                 name, "--dir", AgentDirectory(name)},
                   .environment = {},
                   .standard_input = token,
                   .output_path = ""});
}

void Fleet::AddTarget(const std::string& name, const std::string& controller) {
  const Finished enrolled = Enroll(name, MakeToken({"--name", name}));
  if (enrolled.status != 0) Abort(enrolled.error);
  if (!controller.empty()) {
    ReplaceInFile(AgentDirectory(name) + "/trust/target.yaml", address(),
                  controller);
  }
  StartRunner(name);
  StartAgent(name);
}

void Fleet::StartRunner(const std::string& target,
                        const std::vector<std::string>& flags) {
  StartRunnerIn(AgentDirectory(target), target, flags);
}

void Fleet::StartLocalRunner() {
  StartRunnerIn(ControllerDirectory() + "/local", "local", {});
}

void Fleet::WaitForLocalRunner() {
  const bool came = WaitUntil([this] {
    const Finished card = Run({"run", "--local", "-n", "--", "true"});
    return card.status == 0 &&
           card.output.find("\noffline ") == std::string::npos;
  });
  if (!came) Abort("no local runner\n" + Logs());
}

void Fleet::StartRunnerIn(const std::string& directory,
                          const std::string& target,
                          const std::vector<std::string>& flags) {
  std::vector<std::string> arguments = {ProgramPath("tutti-runner"), "--dir",
                                        directory};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  runners_[target] =
      std::make_unique<Process>(Process::Options{arguments, {}, "", ""});
}

void Fleet::StartAgent(const std::string& target) {
  agents_[target] = std::make_unique<Process>(Process::Options{
      {ProgramPath("tutti-agent"), "run", "--dir", AgentDirectory(target)},
      {},
      "",
      ""});
}

void Fleet::WaitForOnline(int count) {
  const std::string online = "\"online\":true";
  const bool came = WaitUntil([&] {
    const std::string listed = Run({"agent", "list", "-o", "jsonl"}).output;
    int seen = 0;
    for (size_t at = listed.find(online); at != std::string::npos;
         at = listed.find(online, at + 1)) {
      ++seen;
    }
    return seen >= count;
  });
  if (!came) Abort(fmt::format("not {} agents online\n{}", count, Logs()));
}

std::map<std::string, std::string> Fleet::CliEnvironment() const {
  return {{"TUTTI_CONFIG", ConfigPath()}, {"XDG_CACHE_HOME", File("cache")}};
}

Finished Fleet::Run(const std::vector<std::string>& arguments,
                    const std::string& standard_input) {
  std::vector<std::string> all = {ProgramPath("tutti")};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return RunToEnd({.arguments = all,
                   .environment = CliEnvironment(),
                   .standard_input = standard_input,
                   .output_path = ""});
}

std::unique_ptr<Process> Fleet::Start(const std::vector<std::string>& arguments,
                                      const std::string& output_path,
                                      const std::string& standard_input) {
  std::vector<std::string> all = {ProgramPath("tutti")};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return std::make_unique<Process>(
      Process::Options{all, CliEnvironment(), standard_input, output_path});
}

void Fleet::KillController() {
  controller_->Signal(SIGKILL);
  controller_->Wait();
}

void Fleet::KillAgent(const std::string& target) {
  agents_.at(target)->Signal(SIGKILL);
  agents_.at(target)->Wait();
}

void Fleet::KillRunner(const std::string& target) {
  runners_.at(target)->Signal(SIGKILL);
  runners_.at(target)->Wait();
}

std::string Fleet::Logs() const {
  std::string logs = "--- controller\n" + controller_->error();
  for (const auto& [name, process] : agents_) {
    logs += fmt::format("--- agent {}\n{}", name, process->error());
  }
  for (const auto& [name, process] : runners_) {
    logs += fmt::format("--- runner {}\n{}", name, process->error());
  }
  return logs;
}

}  // namespace tutti::testing
