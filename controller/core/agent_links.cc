#include "controller/core/agent_links.h"

namespace tutti::controller {

AgentLink& AgentLinks::Get(std::string_view name) {
  if (AgentLink* link = Find(name)) return *link;
  auto link = std::make_unique<AgentLink>();
  link->name = std::string(name);
  AgentLink& added = *link;
  by_name_.emplace(added.name, std::move(link));
  return added;
}

AgentLink* AgentLinks::Find(std::string_view name) {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second.get();
}

AgentLink* AgentLinks::FindSession(SessionId session) {
  const auto found = by_session_.find(session);
  return found == by_session_.end() ? nullptr : found->second;
}

void AgentLinks::Attach(AgentLink& link, SessionId session) {
  link.session = session;
  by_session_[session] = &link;
}

void AgentLinks::Detach(AgentLink& link) {
  by_session_.erase(link.session);
  link.session = 0;
  link.directives.clear();
  link.flush_at = absl::InfiniteFuture();
  link.welcomed = false;
  link.unacknowledged = 0;
}

void AgentLinks::DropIfIdle(std::string_view name) {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return;
  const AgentLink& link = *found->second;
  if (link.session == 0 && link.live.empty() && link.pending.empty()) {
    by_name_.erase(found);
  }
}

}  // namespace tutti::controller
