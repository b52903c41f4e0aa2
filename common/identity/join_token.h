// The file with which a target joins a fleet. docs/configuration.md tells its
// format: YAML, made by `tutti token create`.
#ifndef COMMON_IDENTITY_JOIN_TOKEN_H_
#define COMMON_IDENTITY_JOIN_TOKEN_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tutti {

struct JoinToken {
  std::string id;
  std::string fleet;
  // "host:port", at least one.
  std::vector<std::string> controllers;
  // PEM. Put in by the CLI from the operator's own configuration, so that the
  // controller is not the one who says whom to believe.
  std::string controller_authority;
  std::string operator_authority;
  // PEM; good for Enroll alone.
  std::string bootstrap_certificate;
  std::string bootstrap_key;
};

std::string FormatJoinToken(const JoinToken& token);
// INVALID_ARGUMENT says which field is missing or bad.
absl::StatusOr<JoinToken> ParseJoinToken(std::string_view text);

}  // namespace tutti

#endif  // COMMON_IDENTITY_JOIN_TOKEN_H_
