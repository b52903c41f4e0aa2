#include "common/identity/join_token.h"

#include <openssl/x509.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/base/address.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/configuration/yaml_file.h"
#include "common/identity/certificate.h"
#include "common/identity/identity.h"
#include "common/identity/key.h"

namespace tutti {
namespace {

constexpr std::string_view kComment =
    "# A join token of Tutti: whoever has it can join the fleet while it is\n"
    "# good. Use it with: tutti-agent enroll\n";

void AppendBlock(std::string& text, std::string_view key,
                 std::string_view pem) {
  text += fmt::format("{}: |\n", key);
  while (!pem.empty()) {
    const size_t end = pem.find('\n');
    text += fmt::format("  {}\n", pem.substr(0, end));
    if (end == std::string_view::npos) return;
    pem.remove_prefix(end + 1);
  }
}

absl::Status Bad(std::string_view field, std::string_view reason) {
  return InvalidArgument(
      "the join token is damaged: {}: {}; make a new one with tutti token "
      "create",
      field, reason);
}

absl::Status CheckAuthority(std::string_view field, std::string_view pem) {
  const absl::StatusOr<Certificate> certificate = Certificate::FromPem(pem);
  if (!certificate.ok()) return Bad(field, TextOf(certificate.status()));
  return absl::OkStatus();
}

absl::Status CheckBootstrap(const JoinToken& token) {
  const absl::StatusOr<Certificate> certificate =
      Certificate::FromPem(token.bootstrap_certificate);
  if (!certificate.ok()) {
    return Bad("bootstrap_certificate", TextOf(certificate.status()));
  }
  const absl::StatusOr<Identity> identity = certificate->identity();
  if (!identity.ok()) {
    return Bad("bootstrap_certificate", TextOf(identity.status()));
  }
  if (*identity != Identity{Role::kBootstrap, token.fleet, token.id}) {
    return Bad("bootstrap_certificate",
               fmt::format("it is of {}, not of token '{}' in fleet '{}'",
                           ToUri(*identity), token.id, token.fleet));
  }
  const absl::StatusOr<PrivateKey> key =
      PrivateKey::FromPem(token.bootstrap_key);
  if (!key.ok()) return Bad("bootstrap_key", TextOf(key.status()));
  if (X509_check_private_key(certificate->get(), key->get()) != 1) {
    OpenSslError();
    return Bad("bootstrap_key", "it does not fit bootstrap_certificate");
  }
  return absl::OkStatus();
}

absl::Status CheckJoinToken(const JoinToken& token) {
  if (absl::Status status = ValidateFleetName(token.fleet); !status.ok()) {
    return Bad("fleet", TextOf(status));
  }
  if (token.controllers.empty()) return Bad("controllers", "there is none");
  for (const std::string& controller : token.controllers) {
    if (absl::Status status = ParseAddress(controller).status(); !status.ok()) {
      return Bad("controllers", TextOf(status));
    }
  }
  TUTTI_RETURN_IF_ERROR(
      CheckAuthority("controller_authority", token.controller_authority));
  TUTTI_RETURN_IF_ERROR(
      CheckAuthority("operator_authority", token.operator_authority));
  return CheckBootstrap(token);
}

absl::StatusOr<JoinToken> ReadFields(std::string_view text) {
  TUTTI_ASSIGN_OR_RETURN(YamlMap map, YamlMap::Parse(text, "join token"));
  JoinToken token;
  map.Get("id", token.id);
  map.Get("fleet", token.fleet);
  map.Get("controllers", token.controllers);
  map.Get("controller_authority", token.controller_authority);
  map.Get("operator_authority", token.operator_authority);
  map.Get("bootstrap_certificate", token.bootstrap_certificate);
  map.Get("bootstrap_key", token.bootstrap_key);
  for (const char* key :
       {"id", "fleet", "controllers", "controller_authority",
        "operator_authority", "bootstrap_certificate", "bootstrap_key"}) {
    map.Require(key);
  }
  TUTTI_RETURN_IF_ERROR(map.Finish());
  return token;
}

}  // namespace

std::string FormatJoinToken(const JoinToken& token) {
  std::string text(kComment);
  text += fmt::format("id: \"{}\"\nfleet: \"{}\"\ncontrollers:\n", token.id,
                      token.fleet);
  for (const std::string& controller : token.controllers) {
    text += fmt::format("  - \"{}\"\n", controller);
  }
  AppendBlock(text, "controller_authority", token.controller_authority);
  AppendBlock(text, "operator_authority", token.operator_authority);
  AppendBlock(text, "bootstrap_certificate", token.bootstrap_certificate);
  AppendBlock(text, "bootstrap_key", token.bootstrap_key);
  return text;
}

absl::StatusOr<JoinToken> ParseJoinToken(std::string_view text) {
  absl::StatusOr<JoinToken> token = ReadFields(text);
  if (!token.ok()) {
    const std::string_view mistakes = TextOf(token.status());
    return InvalidArgument(
        "this is no join token, or not the whole of it ({}); give all that "
        "tutti token create wrote",
        mistakes.substr(0, mistakes.find('\n')));
  }
  TUTTI_RETURN_IF_ERROR(CheckJoinToken(*token));
  return token;
}

}  // namespace tutti
