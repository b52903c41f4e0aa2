// Joining a fleet, and keeping the certificate that came of it.
#ifndef AGENT_ENROLL_ENROLL_H_
#define AGENT_ENROLL_ENROLL_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/identity/identity.h"
#include "common/identity/identity_directory.h"

namespace tutti::agent {

struct EnrollOptions {
  // The join token's text, never its path.
  std::string token = {};
  // The wanted name.
  std::string name = {};
  // The agent's folder; made when missing.
  std::string directory = "/etc/tutti";
  // Written into agent.yaml and runner.yaml; empty: /var/lib/tutti for
  // /etc/tutti, otherwise `directory`/state.
  std::string state_directory = {};
  // Who the agent runs as, when this runs as root and the user exists: the
  // identity becomes this user's, and runner.yaml names it.
  std::string user = "tutti-agent";
  // For each controller of the token.
  absl::Duration timeout = absl::Seconds(15);
};

// What came of it, for people.
struct Enrolled {
  Identity identity;
  absl::Time certificate_expires_at;
  // The controller that answered.
  std::string controller;
};

// Makes a key, has it certified by the first controller of the token that
// answers, and fills the folder:
//
//   agent.yaml runner.yaml               only when absent
//   trust/target.yaml                    fleet, name, controllers
//   trust/operators.pem controllers.pem  authorities; not the agent's to change
//   identity/current/{certificate,key}.pem
//
// FAILED_PRECONDITION, before anything is sent, when the folder is enrolled
// already; the text says what to do, or that there is nothing to do. Nothing
// but the folder itself is made unless the certificate came. Blocks.
absl::StatusOr<Enrolled> Enroll(const EnrollOptions& options, absl::Time now);

// Has a new key certified over `channel` (which speaks with the current
// certificate) and saves both to the identity folder (DIR/identity). The new
// credentials are for channels made from now on. PERMISSION_DENIED when the
// agent was removed from the fleet. Blocks for at most `timeout`.
absl::StatusOr<Credentials> RenewIdentity(
    const std::shared_ptr<grpc::Channel>& channel,
    const std::string& identity_directory, absl::Duration timeout);

}  // namespace tutti::agent

#endif  // AGENT_ENROLL_ENROLL_H_
