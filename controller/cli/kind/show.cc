#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/jobs/kind_name.h"
#include "common/targets/node_set.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/kind/kind.h"
#include "controller/cli/kind/kinds_query.h"

namespace tutti::cli {
namespace {

// "integer, default 3: how many".
std::string ParameterLine(const Parameter& parameter) {
  std::string line(NameOf(parameter.type));
  if (parameter.required) line += ", required";
  if (parameter.secret) {
    line += fmt::format(", secret (--secret {}=@FILE)",
                        SecretNameOf(parameter.name));
  }
  if (!parameter.choices.empty()) {
    line += fmt::format(", {}", fmt::join(parameter.choices, "|"));
  }
  if (!parameter.pattern.empty()) line += ", like " + parameter.pattern;
  if (parameter.default_value) {
    line += ", default " + ToLine(*parameter.default_value);
  }
  if (!parameter.description.empty()) line += ": " + parameter.description;
  return line;
}

std::string KindCard(const TargetKind& kind, bool color) {
  Card card(color);
  card.Add("kind", kind.manifest.name, Style::kBold);
  card.Add("targets", FoldNames(kind.targets));
  card.Add("version", kind.manifest.version);
  card.Add("description", kind.manifest.description);
  card.Add("error", kind.error, Style::kRed);
  card.Add("program", kind.manifest.program);
  card.Add("manifest", kind.path);
  for (const Parameter& parameter : kind.manifest.parameters) {
    card.Add("-p " + parameter.name, ParameterLine(parameter));
  }
  return card.Format();
}

void AppendKinds(const std::vector<TargetKind>& kinds, const Context& context,
                 std::string& output) {
  for (const TargetKind& kind : kinds) {
    if (!output.empty() && !IsJson(context.output)) output += "\n";
    output += FormatRecord({"kind", kind.manifest.name, KindToJson(kind),
                            KindCard(kind, context.terminal.OutputHasColor())},
                           context.output);
  }
}

absl::StatusOr<int> Run(const std::string& name, const RunOptions& options,
                        Context& context) {
  if (!IsKindName(name)) {
    return InvalidArgument(
        "'{}' is no name of an add-in kind; `tutti kind list -t all` says "
        "which there are",
        name);
  }
  bool found = false;
  const auto show = [&](const std::vector<TargetKind>& kinds,
                        std::string& output) {
    found = !kinds.empty();
    AppendKinds(kinds, context, output);
    return absl::OkStatus();
  };
  TUTTI_ASSIGN_OR_RETURN(const int status,
                         QueryKinds(options, name, show, context));
  // Otherwise somebody may have it who could not be asked.
  if (found || status != kExitOk) return status;
  return NotFound(
      "none of these targets has a kind '{}'; `tutti kind list` says which "
      "there are",
      name);
}

}  // namespace

void AddKindShow(CLI::App& kind, Context& context) {
  auto options = std::make_shared<RunOptions>();
  auto name = std::make_shared<std::string>();
  CLI::App& verb = AddVerb(
      kind, "show", "What a kind does, and which parameters it takes", context);
  verb.add_option("NAME", *name, "Name of the kind")->required();
  AddLookOptions(verb, *options);
  AddOutputOption(verb, context, {"table", "json", "jsonl"});
  SetExamples(verb, {{"tutti kind show apt-upgrade -t web01", ""}});
  SetAction(verb, context, [options, name](Context& context) {
    return Run(*name, *options, context);
  });
}

}  // namespace tutti::cli
