#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/targets/node_set.h"
#include "controller/cli/kind/kind.h"
#include "controller/cli/kind/kinds_query.h"

namespace tutti::cli {
namespace {

Listing ListKinds(const std::vector<TargetKind>& kinds) {
  Listing listing("kinds", "name",
                  {{"KIND", "name"},
                   {"VERSION", "version"},
                   {"TARGETS", "targets"},
                   {"DESCRIPTION", "description"},
                   {"PROGRAM", "program", Column::Shown::kWide},
                   {"PATH", "path", Column::Shown::kWide},
                   {"PARAMETERS", "parameters", Column::Shown::kData},
                   {"ERROR", "error", Column::Shown::kData}});
  for (const TargetKind& kind : kinds) {
    const Json json = KindToJson(kind);
    Cell description = Cell::Text(kind.manifest.description);
    if (!kind.error.empty()) {
      description.text = kind.error;
      description.style = Style::kRed;
    }
    listing.Add({Cell::Text(kind.manifest.name),
                 Cell::Text(kind.manifest.version),
                 Cell::Text(FoldNames(kind.targets)), std::move(description),
                 Cell::Text(kind.manifest.program), Cell::Text(kind.path),
                 Cell{"", json["parameters"]}, Cell{"", json["error"]}});
  }
  return listing;
}

absl::StatusOr<int> List(const RunOptions& options, Context& context) {
  const auto show = [&context](const std::vector<TargetKind>& kinds,
                               std::string& output) {
    if (kinds.empty()) {
      Warn(
          context,
          "no kinds there; a file in /etc/tutti/kinds.d of a target makes one");
    }
    const Terminal& terminal = context.terminal;
    output += ListKinds(kinds).Format(
        context.output, terminal.OutputHasColor(),
        terminal.OutputIsTerminal() ? terminal.Width() : 0);
    return absl::OkStatus();
  };
  return QueryKinds(options, /*name=*/"", show, context);
}

}  // namespace

void AddKindList(CLI::App& kind, Context& context) {
  auto options = std::make_shared<RunOptions>();
  CLI::App& verb = AddVerb(
      kind, "list",
      "The add-in kinds that targets have, and why some can not be used",
      context);
  AddLookOptions(verb, *options);
  AddOutputOption(verb, context);
  SetExamples(verb, {{"tutti kind list -t all", "who has which"},
                     {"tutti kind list -t web01 -o json", ""}});
  SetAction(verb, context,
            [options](Context& context) { return List(*options, context); });
}

}  // namespace tutti::cli
