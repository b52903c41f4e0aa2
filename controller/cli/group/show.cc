#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/targets/node_set.h"
#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/find_group.h"
#include "controller/cli/group/group.h"
#include "controller/cli/group/name.h"
#include "controller/cli/resolved_targets.h"

namespace tutti::cli {
namespace {

// A group, and whom it stands for now: folded, or why nobody can say.
struct ShownGroup {
  v1::Group group;
  absl::StatusOr<std::string> targets;

  uint64_t Count() const {
    const auto names = ExpandNames(targets.value_or(""));
    return names.ok() ? names->size() : 0;
  }
};

std::string GroupCard(const ShownGroup& shown, absl::Time now, bool color) {
  const v1::Group& group = shown.group;
  Card card(color);
  card.Add("Group", "@" + group.name());
  card.Add("Expression", group.expression());
  card.Add("Set", group.from_file()
                      ? "in the controller's file of groups"
                      : fmt::format("by {}, {}", group.set_by(),
                                    AgoText(ToTime(group.set_at()), now)));
  if (!shown.targets.ok()) {
    card.Add("Targets", TextOf(shown.targets.status()), Style::kYellow);
  } else if (shown.targets->empty()) {
    card.Add("Targets", "nobody now", Style::kYellow);
  } else {
    card.Add("Targets", fmt::format("{}: {}", shown.Count(), *shown.targets));
  }
  return card.Format();
}

Json GroupToJson(const ShownGroup& shown) {
  const v1::Group& group = shown.group;
  const bool known = shown.targets.ok();
  return {
      {"name", group.name()},
      {"expression", group.expression()},
      {"from_file", group.from_file()},
      {"set_by",
       group.from_file() ? Json(nullptr) : BytesToJson(group.set_by())},
      {"set_at", TimeToJson(ToTime(group.set_at()))},
      {"targets", known ? Json(*shown.targets) : Json(nullptr)},
      {"target_count", known ? Json(shown.Count()) : Json(nullptr)},
      {"mistake", known ? Json(nullptr)
                        : Json(std::string(TextOf(shown.targets.status())))},
  };
}

absl::StatusOr<int> ShowGroup(const std::string& word, Context& context) {
  TUTTI_ASSIGN_OR_RETURN(const std::string name, GroupNameOf(word));
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_ASSIGN_OR_RETURN(v1::Group group, FindGroup(name, *connection));
  const ShownGroup shown{std::move(group),
                         ResolveTargets({"@" + name}, *connection,
                                        /*may_be_empty=*/true)};
  const bool color = context.terminal.OutputHasColor();
  Show(context, FormatRecord({"group", name, GroupToJson(shown),
                              GroupCard(shown, context.clock.Now(), color)},
                             context.output));
  return kExitOk;
}

}  // namespace

void AddGroupShow(CLI::App& group, Context& context) {
  auto word = std::make_shared<std::string>();
  CLI::App& verb =
      AddVerb(group, "show", "Show one group, and who is in it now", context);
  AddGroupName(verb, *word);
  AddOutputOption(verb, context);
  SetExamples(verb, {{"tutti group show web", ""},
                     {"tutti group show web -o json", ""}});
  SetAction(verb, context,
            [word](Context& context) { return ShowGroup(*word, context); });
}

}  // namespace tutti::cli
