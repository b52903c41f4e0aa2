// Names of CLI11, for headers: only a file that adds options or reads them
// includes <CLI/CLI.hpp>.
#ifndef CONTROLLER_CLI_PARSER_H_
#define CONTROLLER_CLI_PARSER_H_

namespace CLI {
class App;
class Option;
class ParseError;
}  // namespace CLI

#endif  // CONTROLLER_CLI_PARSER_H_
