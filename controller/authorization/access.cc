#include "controller/authorization/access.h"

#include <string>

#include "common/base/errors.h"

namespace tutti::controller {
namespace {

struct Rule {
  // "/service/method", or "/service/" for all methods of a service.
  std::string_view path;
  // What callers of other roles are told to use.
  std::string_view remedy;
  bool operators = false;
  bool agents = false;
  bool tokens = false;
  bool delegates = false;
};

constexpr std::string_view kUseOperator = "use an operator's certificate";
constexpr std::string_view kUseAgent = "use an agent's certificate";

// The first rule that fits decides.
constexpr Rule kRules[] = {
    {.path = "/tutti.v1.AgentService/Enroll",
     .remedy = "use the certificate of a join token",
     .tokens = true},
    {.path = "/tutti.v1.AgentService/", .remedy = kUseAgent, .agents = true},
    // A delegate that made delegates would outlive its own bounds.
    {.path = "/tutti.v1.JobService/CertifyDelegate",
     .remedy = kUseOperator,
     .operators = true},
    // What is beyond its own jobs JobService itself refuses a delegate.
    {.path = "/tutti.v1.JobService/",
     .remedy = kUseOperator,
     .operators = true,
     .delegates = true},
    {.path = "/tutti.v1.AgentRegistryService/ListAgents",
     .remedy = kUseOperator,
     .operators = true,
     .delegates = true},
    {.path = "/tutti.v1.AgentRegistryService/",
     .remedy = kUseOperator,
     .operators = true},
    {.path = "/tutti.v1.GroupService/",
     .remedy = kUseOperator,
     .operators = true},
    {.path = "/tutti.v1.TokenService/",
     .remedy = kUseOperator,
     .operators = true},
    {.path = "/tutti.v1.ControllerService/",
     .remedy = kUseOperator,
     .operators = true},
    {.path = "/grpc.health.v1.Health/",
     .remedy = "use an operator's or an agent's certificate",
     .operators = true,
     .agents = true},
    {.path = "/grpc.reflection.v1alpha.ServerReflection/",
     .remedy = kUseOperator,
     .operators = true},
};

bool Allows(const Rule& rule, Role role) {
  switch (role) {
    case Role::kOperator:
      return rule.operators;
    case Role::kAgent:
      return rule.agents;
    case Role::kBootstrap:
      return rule.tokens;
    case Role::kDelegate:
      return rule.delegates;
    case Role::kController:
      return false;
  }
  return false;
}

const Rule* FindRule(std::string_view path) {
  for (const Rule& rule : kRules) {
    const bool service = rule.path.ends_with('/');
    if (service ? path.starts_with(rule.path) : path == rule.path) return &rule;
  }
  return nullptr;
}

// "JobService/StartJob" of "/tutti.v1.JobService/StartJob".
std::string_view ShortName(std::string_view path) {
  const size_t method = path.rfind('/');
  const size_t package = path.rfind('.', method);
  return package == std::string_view::npos ? path : path.substr(package + 1);
}

}  // namespace

absl::Status CheckAccess(std::string_view fleet, std::string_view path,
                         const Identity& caller) {
  if (caller.fleet != fleet) {
    return PermissionDenied(
        "{} {} is of fleet '{}', this is a controller of '{}'; choose the "
        "other fleet or its controller's address",
        RoleName(caller.role), caller.name, caller.fleet, fleet);
  }
  const Rule* rule = FindRule(path);
  if (rule == nullptr) {
    return PermissionDenied(
        "{} {} may not call {}: this controller does not have it; use a "
        "program of the controller's version",
        RoleName(caller.role), caller.name, path);
  }
  if (Allows(*rule, caller.role)) return absl::OkStatus();
  if (caller.role == Role::kDelegate) {
    return PermissionDenied(
        "the delegation of {} does not allow {}; do it outside of the job, "
        "with an operator's certificate",
        caller.name, ShortName(path));
  }
  return PermissionDenied("{} {} may not call {}; {}", RoleName(caller.role),
                          caller.name, ShortName(path), rule->remedy);
}

}  // namespace tutti::controller
