#include "common/identity/identity.h"

#include <string>
#include <string_view>

#include "common/base/ascii.h"
#include "common/base/errors.h"
#include "common/base/reserved_words.h"
#include "common/base/status_macros.h"

namespace tutti {
namespace {

constexpr std::string_view kScheme = "spiffe://";
constexpr std::string_view kBootstrapPath = "bootstrap/";
constexpr std::string_view kDelegatePath = "delegate/";
constexpr size_t kMaxFleetLength = 63;
constexpr size_t kMaxNameLength = 253;

bool IsAlphanumeric(char c) { return IsDigit(c) || IsLetter(c); }

std::string_view DomainLabel(Role role) {
  switch (role) {
    case Role::kController:
      return "controllers";
    case Role::kAgent:
    case Role::kBootstrap:
    case Role::kDelegate:
      return "agents";
    case Role::kOperator:
      return "operators";
  }
  return "";
}

bool ConsumePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// What stands before the name.
std::string PathOf(const Identity& identity) {
  switch (identity.role) {
    case Role::kBootstrap:
      return std::string(kBootstrapPath);
    case Role::kDelegate:
      return fmt::format("{}{}/", kDelegatePath,
                         identity.job.value_or(Uuid()).ToString());
    default:
      return "";
  }
}

// The job before the name, in the one way in which it is written.
absl::StatusOr<Uuid> ConsumeJob(std::string_view uri, std::string_view& rest) {
  const std::string_view text = rest.substr(0, rest.find('/'));
  const absl::StatusOr<Uuid> job = Uuid::Parse(text);
  if (!job.ok() || job->ToString() != text || text.size() == rest.size()) {
    return InvalidArgument(
        "the identity '{}' names no job; a delegate's is delegate/JOB/NAME",
        uri);
  }
  rest.remove_prefix(text.size() + 1);
  return *job;
}

}  // namespace

std::string_view RoleName(Role role) {
  switch (role) {
    case Role::kController:
      return "controller";
    case Role::kAgent:
      return "agent";
    case Role::kBootstrap:
      return "join token";
    case Role::kOperator:
      return "operator";
    case Role::kDelegate:
      return "delegate";
  }
  return "";
}

std::string TrustDomain(Role role, std::string_view fleet) {
  return fmt::format("{}.{}", DomainLabel(role), fleet);
}

std::string ToUri(const Identity& identity) {
  return fmt::format("{}{}/{}{}", kScheme,
                     TrustDomain(identity.role, identity.fleet),
                     PathOf(identity), identity.name);
}

absl::StatusOr<Identity> ParseIdentity(std::string_view uri) {
  std::string_view rest = uri;
  if (!ConsumePrefix(rest, kScheme)) {
    return InvalidArgument("'{}' is not an identity; it begins with {}", uri,
                           kScheme);
  }
  const size_t slash = rest.find('/');
  if (slash == std::string_view::npos) {
    return InvalidArgument("the identity '{}' has no name", uri);
  }
  std::string_view domain = rest.substr(0, slash);
  rest.remove_prefix(slash + 1);
  Identity identity;
  bool known = false;
  for (const Role role : {Role::kController, Role::kAgent, Role::kOperator}) {
    if (!ConsumePrefix(domain, fmt::format("{}.", DomainLabel(role)))) continue;
    identity.role = role;
    known = true;
    break;
  }
  if (!known) {
    return InvalidArgument(
        "the identity '{}' is of no trust domain that Tutti knows; they are "
        "controllers.FLEET, agents.FLEET and operators.FLEET",
        uri);
  }
  if (identity.role == Role::kAgent && ConsumePrefix(rest, kBootstrapPath)) {
    identity.role = Role::kBootstrap;
  } else if (identity.role == Role::kAgent &&
             ConsumePrefix(rest, kDelegatePath)) {
    identity.role = Role::kDelegate;
    TUTTI_ASSIGN_OR_RETURN(identity.job, ConsumeJob(uri, rest));
  }
  TUTTI_RETURN_IF_ERROR(ValidateFleetName(domain));
  TUTTI_RETURN_IF_ERROR(ValidateName(rest));
  identity.fleet = domain;
  identity.name = rest;
  return identity;
}

absl::Status ValidateFleetName(std::string_view fleet) {
  bool good = !fleet.empty() && fleet.size() <= kMaxFleetLength &&
              fleet.front() != '-' && fleet.back() != '-';
  for (const char c : fleet) {
    good = good && (IsLower(c) || IsDigit(c) || c == '-');
  }
  if (good) return absl::OkStatus();
  return InvalidArgument(
      "'{}' can not be a fleet's name; use 1 to {} of a-z, 0-9 and '-', with "
      "no '-' at the ends",
      fleet, kMaxFleetLength);
}

absl::Status ValidateName(std::string_view name) {
  if (IsReservedWord(name)) {
    return InvalidArgument(
        "'{}' can not be a name: it is a word of target expressions; choose "
        "another",
        name);
  }
  bool good = !name.empty() && name.size() <= kMaxNameLength &&
              IsAlphanumeric(name.front());
  for (const char c : name) {
    good = good && (IsAlphanumeric(c) || c == '.' || c == '_' || c == '-');
  }
  if (good) return absl::OkStatus();
  return InvalidArgument(
      "'{}' can not be a name; use 1 to {} of A-Z, a-z, 0-9, '.', '_' and "
      "'-', beginning with a letter or digit",
      name, kMaxNameLength);
}

}  // namespace tutti
