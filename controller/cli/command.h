// How a verb enters the command line.
//
//   void AddJobStop(CLI::App& job, Context& context) {
//     auto options = std::make_shared<StopOptions>();
//     CLI::App& verb = AddVerb(job, "stop", "End a job", context);
//     verb.add_option("JOB", options->job, "...")->required();
//     SetExamples(verb, {{"tutti job stop last", "the newest job of yours"}});
//     SetAction(verb, context, [options](Context& context) {
//       return StopJob(*options, context);
//     });
//   }
#ifndef CONTROLLER_CLI_COMMAND_H_
#define CONTROLLER_CLI_COMMAND_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/command_line/flags.h"
#include "controller/cli/output.h"
#include "controller/cli/parser.h"
#include "controller/cli/terminal.h"

namespace tutti::cli {

struct Context;

// Group of the options that every verb has; --help shows it last.
inline constexpr char kCommonGroup[] = "Common options";

// Runs the chosen verb. Gives the program's exit status; an error is shown as
// one line "tutti: TEXT" (or as JSON) and ends it with ExitStatusOf.
using Action = std::function<absl::StatusOr<int>(Context&)>;

// Taken by every verb, and before it.
struct GlobalOptions {
  // --config; empty: $TUTTI_CONFIG, then ~/.config/tutti/config.yaml.
  std::string config;
  // --fleet; empty: the configuration's default_fleet.
  std::string fleet;
};

// What a verb works with. Lives as long as the program.
struct Context {
  GlobalOptions options = {};
  // By -o; a verb without -o leaves it alone.
  OutputFormat output = OutputFormat::kTable;
  // What followed the first "--", or began with the FILE of `script`, byte for
  // byte; absent when there was neither.
  std::optional<std::vector<std::string>> tail = std::nullopt;
  Terminal terminal = Terminal();
  const Clock& clock;
  // Of the chosen verb.
  Action action = nullptr;
};

// A subcommand with the options that every verb has (--config, --fleet,
// --color, --help).
CLI::App& AddVerb(CLI::App& parent, const std::string& name,
                  const std::string& description, Context& context);

// Those options alone, for the program itself.
void AddGlobalOptions(CLI::App& app, Context& context);

// What to do when `verb` was chosen. Runs after the whole line was parsed.
void SetAction(CLI::App& verb, Context& context, Action action);

// -o; `formats` in the order in which --help names them, the default first.
void AddOutputOption(CLI::App& verb, Context& context,
                     const std::vector<std::string>& formats = {
                         "table", "wide", "json", "jsonl", "csv", "names"});

// Any number of words between the options. For target expressions and jobs
// alone: CLI11 unfolds a word "[a,b]"; no expression begins so, and a job of
// such a name has its number.
CLI::Option* AddPositionals(CLI::App& verb, const std::string& name,
                            std::vector<std::string>& values,
                            const std::string& description);

// An option whose value is a duration ("90s", "10m", "1h30m"). A bad one is
// reported with the option's name.
CLI::Option* AddDuration(CLI::App& verb, const std::string& names,
                         std::optional<absl::Duration>& value,
                         const std::string& description);

// An option whose value is a whole number, 1 or more.
CLI::Option* AddNumber(CLI::App& verb, const std::string& names,
                       uint32_t& value, const std::string& description);

struct Example {
  std::string command;
  // What it does; empty where the command says it all.
  std::string remark;
};
// Shown under the options of --help. Every verb has at least one.
void SetExamples(CLI::App& verb, const std::vector<Example>& examples);

// One line "tutti: TEXT" on standard error; sanitised.
void Warn(const Context& context, std::string_view text);
// Writes to standard output what a verb has to show. A reader that went away
// (`| head`) is no error.
void Show(const Context& context, std::string_view text);
// The same for a list, in the format that was asked for. An empty table has
// `if_empty` said about it on standard error.
void ShowListing(const Context& context, const Listing& listing,
                 std::string_view if_empty = "");

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_COMMAND_H_
