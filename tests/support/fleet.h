// A fleet of real programs on loopback, for integration tests.
#ifndef TESTS_SUPPORT_FLEET_H_
#define TESTS_SUPPORT_FLEET_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

namespace tutti::testing {

// Path of one of the built programs.
std::string ProgramPath(std::string_view name);

// One controller and any number of targets, each an agent and a runner, in a
// temporary folder, with certificates of their own. Ends them all when it
// goes. Failures to start end the test program: there is nothing to test then.
class Fleet {
 public:
  struct Options {
    std::string name = "test";
    std::vector<std::string> controller_flags;
  };
  Fleet() : Fleet(Options()) {}
  explicit Fleet(Options options);
  ~Fleet();
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  // Enrols a target and starts its runner and agent. `controller` is the
  // address that its agent dials; empty: the controller itself.
  void AddTarget(const std::string& name, const std::string& controller = "");
  // Waits until that many agents are connected.
  void WaitForOnline(int count);

  // The CLI, as the first operator. `arguments` without the program.
  Finished Run(const std::vector<std::string>& arguments,
               const std::string& standard_input = "");
  std::unique_ptr<Process> Start(const std::vector<std::string>& arguments,
                                 const std::string& output_path = "",
                                 const std::string& standard_input = "");
  // A join token; `arguments` are added to `token create`.
  std::string MakeToken(const std::vector<std::string>& arguments = {});
  // `tutti-agent enroll` for NAME into AgentDirectory(NAME).
  Finished Enroll(const std::string& name, const std::string& token);

  void StartController();
  // `flags` are added to its command line.
  void StartRunner(const std::string& target,
                   const std::vector<std::string>& flags = {});
  void StartAgent(const std::string& target);
  // The controller's own; from then on it is the runner of the target "local".
  void StartLocalRunner();
  // Waits until local jobs can be started.
  void WaitForLocalRunner();
  // SIGKILL, and waits for the end.
  void KillController();
  void KillAgent(const std::string& target);
  void KillRunner(const std::string& target);

  Process& controller() { return *controller_; }
  Process& agent(const std::string& target) { return *agents_.at(target); }
  Process& runner(const std::string& target) { return *runners_.at(target); }

  int port() const { return port_; }
  std::string address() const;
  const std::string& directory() const { return directory_.path(); }
  std::string File(std::string_view name) const {
    return directory_.File(name);
  }
  std::string ControllerDirectory() const { return File("controller"); }
  std::string AgentDirectory(const std::string& target) const {
    return File("agents/" + target);
  }
  // Of the first operator.
  std::string ConfigPath() const {
    return File("controller/operators/config.yaml");
  }
  // What all programs wrote to their logs, for a failing test.
  std::string Logs() const;

 private:
  void StartRunnerIn(const std::string& directory, const std::string& target,
                     const std::vector<std::string>& flags);
  // The first operator's, who caches in the fleet's folder.
  std::map<std::string, std::string> CliEnvironment() const;

  const Options options_;
  TemporaryDirectory directory_;
  int port_ = 0;
  std::unique_ptr<Process> controller_;
  std::map<std::string, std::unique_ptr<Process>> runners_;
  std::map<std::string, std::unique_ptr<Process>> agents_;
};

}  // namespace tutti::testing

#endif  // TESTS_SUPPORT_FLEET_H_
