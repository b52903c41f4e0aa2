#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/base/duration.h"
#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/labels.h"
#include "controller/cli/token/token.h"
#include "tutti/v1/fleet.grpc.pb.h"

namespace tutti::cli {
namespace {

// "good", or why it is not.
Cell StateCell(const v1::Token& token, absl::Time now) {
  if (token.revoked()) return Cell::Text("revoked", Style::kRed);
  if (ToTime(token.expires_at()) <= now) {
    return Cell::Text("expired", Style::kYellow);
  }
  if (token.used() >= token.uses()) {
    return Cell::Text("used up", Style::kYellow);
  }
  return Cell::Text("good", Style::kGreen);
}

Listing MakeListing(const v1::ListTokensResponse& response, absl::Time now) {
  using Shown = Column::Shown;
  Listing listing("tokens", "id",
                  {
                      {"TOKEN", "id"},
                      {"STATE", "state"},
                      {"USED", "used", Shown::kAlways, /*right=*/true},
                      {"USES", "uses", Shown::kData},
                      {"EXPIRES", "expires_at"},
                      {"CREATED", "created_at"},
                      {"BY", "created_by"},
                      {"NAMES", "names"},
                      {"LABELS", "labels", Shown::kWide},
                  });
  for (const v1::Token& token : response.tokens()) {
    listing.Add({
        Cell::Text(token.id()),
        StateCell(token, now),
        {fmt::format("{}/{}", token.used(), token.uses()), token.used()},
        Cell::Number(token.uses()),
        Cell::Time(ToTime(token.expires_at()), now),
        Cell::Time(ToTime(token.created_at()), now),
        Cell::Text(token.created_by()),
        {token.names().empty() ? "any" : token.names(),
         token.names().empty() ? Json(nullptr) : Json(token.names())},
        {LabelsText(token.labels()), LabelsToJson(token.labels())},
    });
  }
  return listing;
}

absl::StatusOr<int> ListTokens(bool all, Context& context) {
  v1::ListTokensRequest request;
  request.set_all(all);
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_ASSIGN_OR_RETURN(
      const v1::ListTokensResponse response,
      connection->Call(&v1::TokenService::Stub::ListTokens, request));
  ShowListing(context, MakeListing(response, context.clock.Now()),
              all ? "no tokens yet; `tutti token create` makes one"
                  : "no token is good now; `tutti token list -a` shows the "
                    "others too");
  return kExitOk;
}

}  // namespace

void AddTokenList(CLI::App& token, Context& context) {
  auto all = std::make_shared<bool>(false);
  CLI::App& verb = AddVerb(token, "list", "List tokens, newest first", context);
  verb.alias("ls");
  verb.add_flag("-a,--all", *all,
                "Also those that are expired, used up or revoked");
  AddOutputOption(verb, context);
  SetExamples(verb, {{"tutti token list", "those that are good now"},
                     {"tutti token list -a -o json", ""}});
  SetAction(verb, context,
            [all](Context& context) { return ListTokens(*all, context); });
}

}  // namespace tutti::cli
