#include "controller/cli/app/app.h"

#include <CLI/CLI.hpp>
#include <string_view>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/text/mistake_place.h"
#include "controller/cli/app/arguments.h"
#include "controller/cli/app/help.h"
#include "controller/cli/app/hints.h"
#include "controller/cli/app/option_words.h"
#include "controller/cli/app/tree.h"
#include "controller/cli/exit_status.h"

namespace tutti::cli {
namespace {

// Errors are JSON where JSON was asked for, also those that come before -o is
// parsed.
bool WantsJson(const std::vector<std::string>& words) {
  for (size_t i = 0; i < words.size(); ++i) {
    for (const std::string_view option : {"-o", "--output"}) {
      if (words[i] == option && i + 1 < words.size() &&
          words[i + 1].starts_with("json")) {
        return true;
      }
    }
    if (words[i].starts_with("-ojson") ||
        words[i].starts_with("--output=json")) {
      return true;
    }
  }
  return false;
}

// Each line of an error is a mistake of its own.
void ShowError(const absl::Status& error, bool json, const Context& context) {
  if (json) {
    context.terminal.WriteError(ErrorToJson(error));
    return;
  }
  std::string_view rest = TextOf(error);
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    if (end > 0) Warn(context, rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  // A script gets one line.
  if (context.terminal.ErrorIsTerminal()) {
    context.terminal.WriteError(ShowPlace(error));
  }
}

absl::Status Parse(CLI::App& root, const Arguments& arguments) {
  // CLI11 takes the words from the end.
  std::vector<std::string> reversed(arguments.words.rbegin(),
                                    arguments.words.rend());
  try {
    root.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    return absl::CancelledError();
  } catch (const CLI::ParseError& error) {
    TUTTI_RETURN_IF_ERROR(CheckWords(root, arguments));
    return FromParseError(root, error);
  }
  return CheckWords(root, arguments);
}

}  // namespace

int RunProgram(const std::vector<std::string>& argv, Context& context) {
  CLI::App root("", "tutti");
  BuildTree(root, context);
  Arguments arguments = SplitArguments(argv, FindScriptFile(root, argv));
  ExpandAliases(arguments.words);
  context.tail = arguments.tail;
  const bool json = WantsJson(arguments.words);

  absl::Status parsed = Parse(root, arguments);
  const bool wants_help = absl::IsCancelled(parsed);
  if (wants_help || (parsed.ok() && !context.action)) {
    Show(context, FormatHelp(Chosen(root), context.terminal.OutputHasColor()));
    return wants_help ? kExitOk : kExitUsage;
  }
  if (!parsed.ok()) {
    ShowError(parsed, json, context);
    return kExitUsage;
  }
  const absl::StatusOr<int> status = context.action(context);
  if (status.ok()) return *status;
  ShowError(status.status(), json, context);
  return ExitStatusOf(status.status());
}

}  // namespace tutti::cli
