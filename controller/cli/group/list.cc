#include <CLI/CLI.hpp>

#include "common/base/duration.h"
#include "common/base/status_macros.h"
#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/group/group.h"
#include "tutti/v1/groups.grpc.pb.h"

namespace tutti::cli {
namespace {

Listing MakeListing(const v1::ListGroupsResponse& response, absl::Time now) {
  using Shown = Column::Shown;
  Listing listing("groups", "name",
                  {
                      {"GROUP", "name"},
                      {"FROM FILE", "from_file", Shown::kData},
                      {"SET BY", "set_by"},
                      {"SET", "set_at"},
                      {"EXPRESSION", "expression"},
                  });
  for (const v1::Group& group : response.groups()) {
    const bool from_file = group.from_file();
    listing.Add({
        Cell::Text(group.name()),
        {from_file ? "yes" : "no", from_file},
        {from_file ? "(file)" : group.set_by(),
         from_file ? Json(nullptr) : BytesToJson(group.set_by())},
        Cell::Time(ToTime(group.set_at()), now),
        Cell::Text(group.expression()),
    });
  }
  return listing;
}

absl::StatusOr<int> ListGroups(Context& context) {
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_ASSIGN_OR_RETURN(
      const v1::ListGroupsResponse response,
      connection->Call(&v1::GroupService::Stub::ListGroups, {}));
  ShowListing(context, MakeListing(response, context.clock.Now()),
              "no groups yet; `tutti group set` makes one");
  return kExitOk;
}

}  // namespace

void AddGroupList(CLI::App& group, Context& context) {
  CLI::App& verb = AddVerb(group, "list", "List groups, by name", context);
  verb.alias("ls");
  AddOutputOption(verb, context);
  SetExamples(verb, {{"tutti group list", ""},
                     {"tutti group list -o names", "without the @"}});
  SetAction(verb, context, ListGroups);
}

}  // namespace tutti::cli
