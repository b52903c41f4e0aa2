#include "agent/runner/processes/start_error.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>

#include "common/base/errors.h"
#include "common/text/lines.h"

namespace tutti::runner {
namespace {

using Step = StartError::Step;

std::string ScriptReason(const LaunchedScript& script, int error) {
  std::string_view text = script.text;
  const std::string_view interpreter = Trimmed(TakeLine(text).substr(2));
  if (error == ENOENT || error == ENOTDIR) {
    return fmt::format(
        "cannot run {}: the interpreter that its first line names is missing: "
        "{}",
        script.name, interpreter);
  }
  return fmt::format("cannot run {} through {}: {}", script.name, interpreter,
                     ErrnoText(error));
}

std::string ProgramReason(const Launch& launch, const StartError& failure) {
  const int error = failure.error;
  if (launch.script.has_value() && launch.programs[0] == kScriptPath) {
    return ScriptReason(*launch.script, error);
  }
  if (failure.index < 0 && launch.programs.size() > 1) {
    return fmt::format("no such program '{}' in PATH ({})", launch.arguments[0],
                       launch.path_variable);
  }
  const std::string& program =
      launch.programs[static_cast<size_t>(std::max(failure.index, 0))];
  if (error == ENOENT && access(program.c_str(), F_OK) == 0) {
    return fmt::format(
        "cannot run {}: the interpreter that it names is missing", program);
  }
  if (error == ENOEXEC) {
    return fmt::format(
        "cannot run {}: neither a program nor a script with a #! line",
        program);
  }
  return fmt::format("cannot run {}: {}", program, ErrnoText(error));
}

}  // namespace

StartFailure Explain(const Launch& launch, const StartError& failure) {
  const auto explained = [&](std::string_view what) {
    return StartFailure{failure.error, fmt::format("cannot {}: {}", what,
                                                   ErrnoText(failure.error))};
  };
  switch (failure.step) {
    case Step::kClone:
      return explained("start a process");
    case Step::kCgroup:
      return explained("enter a cgroup");
    case Step::kDescriptors:
      return explained("arrange standard input and output");
    case Step::kNice:
      return explained(fmt::format("set the niceness to {}", *launch.nice));
    case Step::kIoPriority:
      return explained("set the I/O priority");
    case Step::kLimit: {
      const auto limit = static_cast<size_t>(std::max(failure.index, 0));
      return explained(
          fmt::format("set the limit {}", launch.resource_limits[limit].name));
    }
    case Step::kUser:
      return explained(fmt::format("become user '{}'", launch.user.name));
    case Step::kDirectory:
      return explained(fmt::format("enter the directory {}", launch.directory));
    case Step::kProgram:
      break;
  }
  return {failure.error, ProgramReason(launch, failure)};
}

}  // namespace tutti::runner
