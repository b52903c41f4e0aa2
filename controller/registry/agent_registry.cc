#include "controller/registry/agent_registry.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/closest.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/identity/certificate.h"
#include "common/identity/identity.h"
#include "common/targets/attributes.h"
#include "common/targets/local_target.h"
#include "common/targets/target_expression.h"

namespace tutti::controller {
namespace {

using storage::v1::JournaledAgent;
using storage::v1::JournaledToken;
using LabelMap = google::protobuf::Map<std::string, std::string>;

constexpr absl::Duration kMinTokenLife = absl::Minutes(1);
constexpr absl::Duration kMaxTokenLife = absl::Hours(24 * 30);

bool IsExpired(const JournaledToken& token, absl::Time now) {
  return now >= ToTime(token.expires_at());
}

bool IsUsedUp(const JournaledToken& token) {
  return static_cast<uint32_t>(token.used_by_size()) >= token.uses();
}

v1::Token ToMessage(std::string_view id, const JournaledToken& stored) {
  v1::Token token;
  token.set_id(std::string(id));
  token.set_created_by(stored.created_by());
  *token.mutable_created_at() = stored.created_at();
  *token.mutable_expires_at() = stored.expires_at();
  token.set_uses(stored.uses());
  token.set_used(static_cast<uint32_t>(stored.used_by_size()));
  token.set_names(stored.names());
  *token.mutable_labels() = stored.labels();
  token.set_revoked(stored.revoked());
  return token;
}

absl::Status CheckTokenRequest(const v1::CreateTokenRequest& request) {
  const absl::Duration life = ToDuration(request.life());
  if (life < kMinTokenLife || life > kMaxTokenLife) {
    return InvalidArgument(
        "a join token can not live for {}; choose from {} to {}",
        tutti::FormatDuration(life), tutti::FormatDuration(kMinTokenLife),
        tutti::FormatDuration(kMaxTokenLife));
  }
  if (request.uses() == 0) {
    return InvalidArgument(
        "a join token must be good for at least one name; give a number of "
        "uses of 1 or more");
  }
  for (const auto& [name, value] : request.labels()) {
    TUTTI_RETURN_IF_ERROR(CheckLabel(name, value));
  }
  if (request.labels().size() > kMaxLabels) {
    return InvalidArgument(
        "a token can give at most {} labels; {} are too many", kMaxLabels,
        request.labels().size());
  }
  if (request.names().empty()) return absl::OkStatus();
  TUTTI_ASSIGN_OR_RETURN(const TargetExpression names,
                         TargetExpression::Parse(request.names()));
  if (names.IsPlain() &&
      names.Matches(std::string(kLocalTarget)) == Match::kYes) {
    return CheckAgentName(kLocalTarget);
  }
  if (!names.NeedsController()) return absl::OkStatus();
  return InvalidArgument(
      "the names that a token allows can not depend on labels, facts, groups "
      "or jobs, which do not know a host before it has joined; write names or "
      "wildcards");
}

// Whether the token may still be used, and for that name.
absl::Status CheckToken(const JournaledToken& token, std::string_view id,
                        std::string_view name, absl::Time now) {
  if (token.revoked()) {
    return PermissionDenied(
        "the join token {} was revoked; make a new one with tutti token create",
        id);
  }
  if (IsExpired(token, now)) {
    return PermissionDenied(
        "the join token {} expired on {}; make a new one with tutti token "
        "create",
        id, FormatDate(ToTime(token.expires_at())));
  }
  if (token.names().empty()) return absl::OkStatus();
  TUTTI_ASSIGN_OR_RETURN(const TargetExpression names,
                         TargetExpression::Parse(token.names()));
  if (names.Matches(std::string(name)) == Match::kYes) return absl::OkStatus();
  return PermissionDenied(
      "the join token {} does not allow the name '{}', only {}; choose such a "
      "name or make another token with tutti token create",
      id, name, token.names());
}

}  // namespace

absl::Status AgentRegistry::CheckLoadable(const JournalContents& contents) {
  const bool taken = std::any_of(contents.agents.begin(), contents.agents.end(),
                                 [](const JournalBatch::Agent& row) {
                                   return row.name == kLocalTarget &&
                                          row.key_fingerprint != LocalHostKey();
                                 });
  if (!taken) return absl::OkStatus();
  return FailedPrecondition(
      "an agent is enrolled as '{0}', which is the name of the controller's "
      "own host now; with the version before: tutti agent remove {0}, then "
      "enrol it under another name",
      kLocalTarget);
}

void AgentRegistry::Load(const JournalContents& contents) {
  for (const JournalBatch::Agent& row : contents.agents) {
    AgentEntry entry = {.name = row.name,
                        .key_fingerprint = row.key_fingerprint,
                        .stored = row.agent,
                        .session = 0,
                        .address = ""};
    if (row.name == kLocalTarget) {
      local_host_ = std::move(entry);
    } else {
      agents_[row.name] = std::move(entry);
    }
  }
  for (const JournalBatch::Token& row : contents.tokens) {
    tokens_[row.id] = row.token;
  }
  names_.reset();
}

absl::StatusOr<v1::Token> AgentRegistry::CreateToken(
    const v1::CreateTokenRequest& request, std::string_view id,
    std::string_view created_by, absl::Time now, JournalBatch& batch) {
  TUTTI_RETURN_IF_ERROR(CheckTokenRequest(request));
  JournaledToken stored;
  stored.set_created_by(std::string(created_by));
  *stored.mutable_created_at() = ToProto(now);
  *stored.mutable_expires_at() = ToProto(now + ToDuration(request.life()));
  stored.set_uses(request.uses());
  stored.set_names(request.names());
  *stored.mutable_labels() = request.labels();
  const auto [entry, added] = tokens_.emplace(id, std::move(stored));
  if (!added) return AlreadyExists("there is a join token {} already", id);
  batch.tokens.push_back({entry->first, entry->second});
  return ToMessage(entry->first, entry->second);
}

v1::ListTokensResponse AgentRegistry::ListTokens(bool all,
                                                 absl::Time now) const {
  v1::ListTokensResponse response;
  for (const auto& [id, stored] : tokens_) {
    const bool usable =
        !stored.revoked() && !IsExpired(stored, now) && !IsUsedUp(stored);
    if (all || usable) *response.add_tokens() = ToMessage(id, stored);
  }
  std::stable_sort(response.mutable_tokens()->begin(),
                   response.mutable_tokens()->end(),
                   [](const v1::Token& a, const v1::Token& b) {
                     return ToTime(a.created_at()) > ToTime(b.created_at());
                   });
  return response;
}

absl::Status AgentRegistry::RevokeToken(std::string_view id_prefix,
                                        JournalBatch& batch) {
  auto found = tokens_.lower_bound(id_prefix);
  if (id_prefix.empty() || found == tokens_.end() ||
      !found->first.starts_with(id_prefix)) {
    return NotFound(
        "there is no join token '{}'; tutti token list --all shows them",
        id_prefix);
  }
  const auto next = std::next(found);
  if (found->first != id_prefix && next != tokens_.end() &&
      next->first.starts_with(id_prefix)) {
    return InvalidArgument(
        "'{}' begins the ids of several join tokens, {} and {} among them; "
        "give more of it",
        id_prefix, found->first, next->first);
  }
  found->second.set_revoked(true);
  batch.tokens.push_back({found->first, found->second});
  return absl::OkStatus();
}

absl::Status AgentRegistry::Enroll(std::string_view token_id,
                                   std::string_view name,
                                   std::string_view key_fingerprint,
                                   absl::Time certificate_expires_at,
                                   absl::Time now, JournalBatch& batch) {
  TUTTI_RETURN_IF_ERROR(ValidateName(name));
  TUTTI_RETURN_IF_ERROR(CheckAgentName(name));
  const auto token = tokens_.find(token_id);
  if (token == tokens_.end()) {
    return PermissionDenied(
        "this controller does not know the join token {}; make a new one with "
        "tutti token create",
        token_id);
  }
  TUTTI_RETURN_IF_ERROR(CheckToken(token->second, token_id, name, now));
  const auto known = agents_.find(name);
  if (known != agents_.end()) {
    return EnrollAgain(known->second, key_fingerprint, certificate_expires_at,
                       batch);
  }
  if (IsUsedUp(token->second)) {
    return PermissionDenied(
        "the join token {} is used up ({} of {} uses); make a new one with "
        "tutti token create",
        token_id, token->second.used_by_size(), token->second.uses());
  }
  token->second.add_used_by(std::string(name));
  AgentEntry& entry = agents_[std::string(name)];
  entry.name = name;
  entry.key_fingerprint = key_fingerprint;
  *entry.stored.mutable_enrolled_at() = ToProto(now);
  entry.stored.set_token_id(std::string(token_id));
  *entry.stored.mutable_labels() = token->second.labels();
  *entry.stored.mutable_certificate_expires_at() =
      ToProto(certificate_expires_at);
  names_.reset();
  batch.tokens.push_back({token->first, token->second});
  AddTo(batch, entry);
  return absl::OkStatus();
}

absl::Status AgentRegistry::EnrollAgain(AgentEntry& entry,
                                        std::string_view key_fingerprint,
                                        absl::Time certificate_expires_at,
                                        JournalBatch& batch) {
  if (entry.key_fingerprint != key_fingerprint) {
    return AlreadyExists(
        "the name '{}' is enrolled already, with another key; choose another "
        "name, or if this is the same host set up anew: tutti agent remove {}, "
        "then enrol again",
        entry.name, entry.name);
  }
  *entry.stored.mutable_certificate_expires_at() =
      ToProto(certificate_expires_at);
  AddTo(batch, entry);
  return absl::OkStatus();
}

absl::Status AgentRegistry::Renew(std::string_view name,
                                  std::string_view old_key_fingerprint,
                                  std::string_view new_key_fingerprint,
                                  absl::Time certificate_expires_at,
                                  JournalBatch& batch) {
  TUTTI_RETURN_IF_ERROR(CheckKey(name, old_key_fingerprint));
  AgentEntry& entry = agents_.find(name)->second;
  entry.key_fingerprint = old_key_fingerprint;
  entry.stored.set_renewed_key_fingerprint(std::string(new_key_fingerprint));
  *entry.stored.mutable_certificate_expires_at() =
      ToProto(certificate_expires_at);
  AddTo(batch, entry);
  return absl::OkStatus();
}

absl::Status AgentRegistry::CheckKey(std::string_view name,
                                     std::string_view key_fingerprint) const {
  const AgentEntry* entry = Find(name);
  if (entry == nullptr) {
    return PermissionDenied(
        "the agent '{}' is not enrolled, or was removed from the fleet; enrol "
        "it with tutti-agent enroll and a new join token",
        name);
  }
  if (key_fingerprint == entry->key_fingerprint ||
      (!key_fingerprint.empty() &&
       key_fingerprint == entry->stored.renewed_key_fingerprint())) {
    return absl::OkStatus();
  }
  return PermissionDenied(
      "the certificate of agent '{}' is of another key than the enrolled one: "
      "the name was enrolled anew; if this host is the right one: tutti agent "
      "remove {}, then enrol it again",
      name, name);
}

absl::Status AgentRegistry::Remove(std::string_view name, JournalBatch& batch) {
  const auto found = agents_.find(name);
  if (found == agents_.end()) {
    const std::optional<std::string> nearest = Closest(name, names());
    return nearest.has_value()
               ? NotFound("nobody is named '{}'; did you mean '{}'?", name,
                          *nearest)
               : NotFound("nobody is named '{}'; tutti agent list shows who is",
                          name);
  }
  if (found->second.session != 0) --online_count_;
  batch.removed_agents.push_back(found->first);
  agents_.erase(found);
  names_.reset();
  return absl::OkStatus();
}

uint64_t AgentRegistry::Connect(std::string_view name, uint64_t session,
                                std::string_view address,
                                const v1::AgentHello& hello, absl::Time now,
                                JournalBatch& batch,
                                std::string_view key_fingerprint) {
  AgentEntry* const found = FindEntry(name);
  if (found == nullptr) return 0;
  AgentEntry& entry = *found;
  const uint64_t previous = std::exchange(entry.session, session);
  if (previous == 0 && name != kLocalTarget) ++online_count_;
  entry.address = address;
  if (!key_fingerprint.empty() &&
      key_fingerprint == entry.stored.renewed_key_fingerprint()) {
    entry.key_fingerprint = key_fingerprint;
    entry.stored.clear_renewed_key_fingerprint();
  }
  *entry.stored.mutable_last_seen() = ToProto(now);
  entry.stored.set_agent_version(hello.agent_version());
  entry.stored.set_host_name(hello.host_name());
  entry.stored.set_operating_system(hello.operating_system());
  *entry.stored.mutable_attributes() = GoodAttributes(hello.attributes());
  if (entry.stored.attributes().facts_size() <
          hello.attributes().facts_size() ||
      entry.stored.attributes().labels().size() <
          hello.attributes().labels().size()) {
    log::Warning(
        "agent {} sent labels or facts that are badly named or too many; they "
        "are left out",
        name);
  }
  AddTo(batch, entry);
  return previous;
}

void AgentRegistry::SetAttributes(std::string_view name,
                                  const v1::HostAttributes& attributes,
                                  JournalBatch& batch) {
  const auto found = agents_.find(name);
  if (found == agents_.end()) return;
  v1::HostAttributes good = GoodAttributes(attributes);
  if (SameAttributes(good, found->second.stored.attributes())) return;
  *found->second.stored.mutable_attributes() = std::move(good);
  AddTo(batch, found->second);
}

absl::Status AgentRegistry::Label(const std::vector<std::string>& names,
                                  const v1::LabelAgentsRequest& request,
                                  JournalBatch& batch) {
  std::vector<LabelMap> labels;
  for (const auto& [label, value] : request.set()) {
    TUTTI_RETURN_IF_ERROR(CheckLabel(label, value));
  }
  for (const std::string& name : names) {
    LabelMap& changed =
        labels.emplace_back(agents_.find(name)->second.stored.labels());
    for (const std::string& label : request.remove()) changed.erase(label);
    for (const auto& [label, value] : request.set()) changed[label] = value;
    if (changed.size() <= kMaxLabels) continue;
    return InvalidArgument(
        "agent '{}' would have {} labels, at most {} are possible; remove "
        "some, as in tutti agent label {} OLD-",
        name, changed.size(), kMaxLabels, name);
  }
  for (size_t i = 0; i < names.size(); ++i) {
    AgentEntry& entry = agents_.find(names[i])->second;
    *entry.stored.mutable_labels() = std::move(labels[i]);
    AddTo(batch, entry);
  }
  return absl::OkStatus();
}

void AgentRegistry::Disconnect(std::string_view name, uint64_t session,
                               absl::Time now, JournalBatch& batch) {
  AgentEntry* const found = FindEntry(name);
  if (session == 0 || found == nullptr || found->session != session) return;
  AgentEntry& entry = *found;
  entry.session = 0;
  entry.address.clear();
  if (name != kLocalTarget) --online_count_;
  *entry.stored.mutable_last_seen() = ToProto(now);
  AddTo(batch, entry);
}

void AgentRegistry::AddLocalHost() {
  if (local_host_.has_value()) return;
  local_host_.emplace();
  local_host_->name = std::string(kLocalTarget);
  local_host_->key_fingerprint = LocalHostKey();
}

AgentEntry* AgentRegistry::FindEntry(std::string_view name) {
  if (name == kLocalTarget && local_host_.has_value()) return &*local_host_;
  const auto found = agents_.find(name);
  return found == agents_.end() ? nullptr : &found->second;
}

const AgentEntry* AgentRegistry::Find(std::string_view name) const {
  return const_cast<AgentRegistry*>(this)->FindEntry(name);
}

const std::vector<std::string>& AgentRegistry::names() const {
  if (!names_.has_value()) {
    names_.emplace();
    names_->reserve(agents_.size());
    for (const auto& [name, entry] : agents_) names_->push_back(name);
  }
  return *names_;
}

v1::Agent AgentRegistry::Describe(const AgentEntry& entry,
                                  bool with_facts) const {
  const JournaledAgent& stored = entry.stored;
  v1::Agent agent;
  agent.set_name(entry.name);
  agent.set_online(entry.session != 0);
  *agent.mutable_enrolled_at() = stored.enrolled_at();
  if (stored.has_last_seen()) *agent.mutable_last_seen() = stored.last_seen();
  agent.set_agent_version(stored.agent_version());
  agent.set_host_name(stored.host_name());
  agent.set_operating_system(stored.operating_system());
  agent.set_address(entry.address);
  *agent.mutable_labels() = stored.labels();
  *agent.mutable_certificate_expires_at() = stored.certificate_expires_at();
  agent.set_token_id(stored.token_id());
  *agent.mutable_attributes()->mutable_labels() = stored.attributes().labels();
  if (with_facts) {
    *agent.mutable_attributes()->mutable_facts() = stored.attributes().facts();
  }
  return agent;
}

void AgentRegistry::AddTo(JournalBatch& batch, const AgentEntry& entry) {
  batch.agents.push_back({entry.name, entry.key_fingerprint, entry.stored});
}

}  // namespace tutti::controller
