// Command line of tutti-agent.
#ifndef AGENT_OPTIONS_H_
#define AGENT_OPTIONS_H_

#include <optional>
#include <string>
#include <variant>

#include "common/command_line/flags.h"

namespace tutti::agent {

struct RunCommand {
  ServiceFlags flags;
};

struct EnrollCommand {
  std::string directory = "/etc/tutti";
  // Empty: this host's name.
  std::string name;
  // Empty: TUTTI_TOKEN, else standard input.
  std::string token_file;
};

struct VersionCommand {};

using Command = std::variant<RunCommand, EnrollCommand, VersionCommand>;

// What to do, or the exit status when there is nothing more to do: help was
// printed (0), or what is wrong (2).
struct ParsedOptions {
  std::optional<Command> command;
  int exit_status = 0;
};

ParsedOptions ParseOptions(int argc, const char* const* argv);

}  // namespace tutti::agent

#endif  // AGENT_OPTIONS_H_
