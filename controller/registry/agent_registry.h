// Who belongs to the fleet: enrolled agents, join tokens, and the controller's
// own host.
#ifndef CONTROLLER_REGISTRY_AGENT_REGISTRY_H_
#define CONTROLLER_REGISTRY_AGENT_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/journal/journal.h"
#include "controller/registry/agent_attributes.h"
#include "tutti/v1/agents.pb.h"
#include "tutti/v1/fleet.pb.h"

namespace tutti::controller {

// Plain code of the core: no I/O, no lock, not thread-safe. What must be
// durable is added to the batch that a call is given; the caller commits it
// before it answers.
class AgentRegistry {
 public:
  AgentRegistry() = default;
  // From the journal, at the start.
  void Load(const JournalContents& contents);

  // --- tokens ---

  // Checks the request and makes a token with id `id`; the caller issues the
  // certificate. INVALID_ARGUMENT when life, uses or pattern are bad.
  absl::StatusOr<v1::Token> CreateToken(const v1::CreateTokenRequest& request,
                                        std::string_view id,
                                        std::string_view created_by,
                                        absl::Time now, JournalBatch& batch);
  v1::ListTokensResponse ListTokens(bool all, absl::Time now) const;
  absl::Status RevokeToken(std::string_view id_prefix, JournalBatch& batch);

  // --- agents ---

  // Whether a bootstrap identity may enrol `name` with that key. Counts the
  // use and enters the agent. The same name with the same key again is OK and
  // is not counted again. PERMISSION_DENIED tells unknown, expired, revoked,
  // used-up tokens and names that the token does not allow apart;
  // ALREADY_EXISTS says what to do about the name.
  absl::Status Enroll(std::string_view token_id, std::string_view name,
                      std::string_view key_fingerprint,
                      absl::Time certificate_expires_at, absl::Time now,
                      JournalBatch& batch);
  // Notes the new certificate's key and end. `old_key_fingerprint` is the
  // caller's. PERMISSION_DENIED when the agent is not (or no longer) enrolled
  // with that key. Until the new key connects, both are accepted.
  absl::Status Renew(std::string_view name,
                     std::string_view old_key_fingerprint,
                     std::string_view new_key_fingerprint,
                     absl::Time certificate_expires_at, JournalBatch& batch);
  // Whether a session or a renewal of `name` with that key may go on.
  absl::Status CheckKey(std::string_view name,
                        std::string_view key_fingerprint) const;
  // NOT_FOUND with the nearest name.
  absl::Status Remove(std::string_view name, JournalBatch& batch);

  // --- the controller's own host ---

  // Stands for its key, as it has none: no other has this fingerprint.
  static std::string LocalHostKey() { return std::string(32, '\0'); }
  // FAILED_PRECONDITION when an agent has its name, which an earlier version
  // allowed: what is signed for that agent is not for this host.
  static absl::Status CheckLoadable(const JournalContents& contents);
  // It has a runner of its own: from now on its name is found as an agent's
  // is; `names` and `attributes` do not have it.
  void AddLocalHost();
  // It has none any more, and is offline.
  void RemoveLocalHost() { local_host_.reset(); }

  // --- connections ---

  // Notes a session. The caller ends the older one, whose id is returned (0:
  // there was none). `key_fingerprint` is the caller's: a renewed key that
  // connects is the only one from then on.
  uint64_t Connect(std::string_view name, uint64_t session,
                   std::string_view address, const v1::AgentHello& hello,
                   absl::Time now, JournalBatch& batch,
                   std::string_view key_fingerprint = {});
  // What the host says about itself now. Bad labels and facts are left out.
  void SetAttributes(std::string_view name,
                     const v1::HostAttributes& attributes, JournalBatch& batch);
  // Sets and removes labels that the controller keeps, all or none.
  // INVALID_ARGUMENT when one is bad, or an agent would have too many.
  absl::Status Label(const std::vector<std::string>& names,
                     const v1::LabelAgentsRequest& request,
                     JournalBatch& batch);
  // Without effect unless `session` is the agent's current one.
  void Disconnect(std::string_view name, uint64_t session, absl::Time now,
                  JournalBatch& batch);

  // Null when nobody has that name.
  const AgentEntry* Find(std::string_view name) const;
  // Names, sorted bytewise. Kept up to date; valid until the next change.
  const std::vector<std::string>& names() const;
  // Without the controller's own host.
  size_t online_count() const { return online_count_; }
  // Labels and facts; valid as long as the registry.
  AgentAttributes attributes() const { return AgentAttributes(agents_); }
  // What is known here: all but `running`.
  v1::Agent Describe(const AgentEntry& entry, bool with_facts = false) const;

 private:
  // A name that is there already.
  static absl::Status EnrollAgain(AgentEntry& entry,
                                  std::string_view key_fingerprint,
                                  absl::Time certificate_expires_at,
                                  JournalBatch& batch);
  static void AddTo(JournalBatch& batch, const AgentEntry& entry);

  // Also of the controller's own host.
  AgentEntry* FindEntry(std::string_view name);

  AgentEntries agents_;
  std::optional<AgentEntry> local_host_;
  std::map<std::string, storage::v1::JournaledToken, std::less<>> tokens_;
  mutable std::optional<std::vector<std::string>> names_;
  size_t online_count_ = 0;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_REGISTRY_AGENT_REGISTRY_H_
