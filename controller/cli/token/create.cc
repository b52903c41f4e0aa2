#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/named_value.h"
#include "common/identity/certificate.h"
#include "common/identity/join_token.h"
#include "common/identity/key.h"
#include "common/targets/attributes.h"
#include "common/targets/target_expression.h"
#include "common/text/shell_quote.h"
#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/token/secret_file.h"
#include "controller/cli/token/token.h"
#include "tutti/v1/fleet.grpc.pb.h"

namespace tutti::cli {
namespace {

constexpr absl::Duration kDefaultLife = absl::Hours(1);

struct CreateOptions {
  std::string names;
  std::optional<absl::Duration> life;
  uint32_t uses = 1;
  std::vector<std::string> labels;
  std::string out;
};

absl::StatusOr<v1::CreateTokenRequest> MakeRequest(const CreateOptions& options,
                                                   const PrivateKey& key) {
  v1::CreateTokenRequest request;
  if (!options.names.empty()) {
    TUTTI_RETURN_IF_ERROR(TargetExpression::Parse(options.names).status());
  }
  for (const std::string& text : options.labels) {
    const absl::StatusOr<NamedValue> label = ParseNamedValue(text);
    if (!label.ok()) return WithPrefix("--label", label.status());
    const absl::Status good = CheckLabel(label->name, label->value);
    if (!good.ok()) return WithPrefix("--label", good);
    (*request.mutable_labels())[label->name] = label->value;
  }
  TUTTI_ASSIGN_OR_RETURN(*request.mutable_signing_request(),
                         key.MakeSigningRequest());
  *request.mutable_life() = ToProto(options.life.value_or(kDefaultLife));
  request.set_uses(options.uses);
  request.set_names(options.names);
  return request;
}

// The controller's answer, with our key and what our own configuration says
// about whom to believe.
absl::StatusOr<JoinToken> MakeToken(const v1::CreateTokenResponse& response,
                                    const PrivateKey& key,
                                    std::string operator_authority,
                                    const Connection& connection) {
  JoinToken token;
  token.id = response.id();
  token.fleet = connection.fleet().fleet;
  token.controllers = connection.fleet().controllers;
  token.controller_authority = connection.controller_authority();
  token.operator_authority = std::move(operator_authority);
  for (const std::string& der : response.certificates()) {
    TUTTI_ASSIGN_OR_RETURN(const Certificate certificate,
                           Certificate::FromDer(der));
    token.bootstrap_certificate += certificate.ToPem();
  }
  token.bootstrap_key = key.ToPem();
  return token;
}

// How it goes on, on standard error: the token itself may be piped.
void Explain(const CreateOptions& options,
             const v1::CreateTokenResponse& response, Context& context) {
  const std::string who =
      options.names.empty() ? "any name" : "names " + options.names;
  const std::string file = options.out.empty() ? "join.token" : options.out;
  Warn(context,
       fmt::format(
           "token {} lets {} join under {} until {}; keep it secret",
           response.id(), Counted(options.uses, "target"), who,
           absl::FormatTime("%Y-%m-%d %H:%M UTC", ToTime(response.expires_at()),
                            absl::UTCTimeZone())));
  Warn(context,
       fmt::format("on the target, as root: tutti-agent enroll --name NAME "
                   "--token-file {}",
                   ShellQuote(file)));
}

// A token that was made and could not be kept.
absl::Status NobodyHas(const std::string& id, const absl::Status& error) {
  if (error.ok()) return error;
  return absl::Status(
      error.code(),
      fmt::format("{}; nobody has token {} now: tutti token revoke {}",
                  TextOf(error), id, id));
}

absl::StatusOr<int> CreateToken(const CreateOptions& options,
                                Context& context) {
  TUTTI_ASSIGN_OR_RETURN(const PrivateKey key, PrivateKey::Generate());
  TUTTI_ASSIGN_OR_RETURN(const v1::CreateTokenRequest request,
                         MakeRequest(options, key));
  // Before there is a token that would have no place.
  std::unique_ptr<SecretFile> file;
  if (!options.out.empty()) {
    TUTTI_ASSIGN_OR_RETURN(file, SecretFile::Create(options.out));
  }
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  if (connection->delegated() != nullptr) {
    return WithExitStatus(
        PermissionDenied("a delegation does not allow making tokens; do it "
                         "outside of the job, with an operator's certificate"),
        kExitUnreachable);
  }
  TUTTI_ASSIGN_OR_RETURN(std::string operator_authority,
                         ReadFile(connection->fleet().operator_authority));
  TUTTI_ASSIGN_OR_RETURN(
      const v1::CreateTokenResponse response,
      connection->Call(&v1::TokenService::Stub::CreateToken, request));
  TUTTI_ASSIGN_OR_RETURN(
      const JoinToken token,
      MakeToken(response, key, std::move(operator_authority), *connection));
  const std::string text = FormatJoinToken(token);
  if (file != nullptr) {
    TUTTI_RETURN_IF_ERROR(NobodyHas(response.id(), file->Write(text)));
  } else {
    Show(context, text);
  }
  Explain(options, response, context);
  return kExitOk;
}

}  // namespace

void AddTokenCreate(CLI::App& token, Context& context) {
  auto options = std::make_shared<CreateOptions>();
  CLI::App& verb =
      AddVerb(token, "create", "Make a token with which targets join the fleet",
              context);
  verb.add_option("--name", options->names,
                  "Names that may join: a name, wildcard or range; default: "
                  "any")
      ->type_name("PATTERN");
  AddDuration(verb, "--life", options->life,
              "How long it is good, 1m to 30d; default: 1h");
  AddNumber(verb, "--uses", options->uses,
            "How many targets may join with it; default: 1");
  AddRepeatable(verb, "--label", options->labels,
                "Given to the agents that join; repeatable")
      ->type_name("NAME=VALUE");
  verb.add_option("--out", options->out,
                  "Write it to a new file that only you can read; default: "
                  "standard output")
      ->type_name("FILE");
  SetExamples(verb,
              {{"tutti token create --name web01 --out web01.token", ""},
               {"tutti token create --name 'web[01-40]' --uses 40 --life 1d "
                "--label site=berlin --out web.token",
                ""}});
  SetAction(verb, context, [options](Context& context) {
    return CreateToken(*options, context);
  });
}

}  // namespace tutti::cli
