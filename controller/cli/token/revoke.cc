#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/token/token.h"
#include "tutti/v1/fleet.grpc.pb.h"

namespace tutti::cli {
namespace {

absl::StatusOr<int> RevokeToken(const std::string& id, Context& context) {
  v1::RevokeTokenRequest request;
  request.set_id(id);
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_RETURN_IF_ERROR(
      connection->Call(&v1::TokenService::Stub::RevokeToken, request).status());
  Show(context, fmt::format("revoked token {}; agents that joined with it "
                            "stay\n",
                            id));
  return kExitOk;
}

}  // namespace

void AddTokenRevoke(CLI::App& token, Context& context) {
  auto id = std::make_shared<std::string>();
  CLI::App& verb = AddVerb(token, "revoke",
                           "Let nobody join with a token any more", context);
  verb.alias("rm");
  verb.add_option("ID", *id, "Id of the token, or its beginning")->required();
  SetExamples(verb, {{"tutti token revoke 3f2a9c", ""}});
  SetAction(verb, context,
            [id](Context& context) { return RevokeToken(*id, context); });
}

}  // namespace tutti::cli
