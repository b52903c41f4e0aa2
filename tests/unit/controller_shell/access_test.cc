#include "controller/authorization/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tutti::controller {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;

constexpr Role kRoles[] = {Role::kController, Role::kAgent, Role::kBootstrap,
                           Role::kOperator, Role::kDelegate};

Identity Caller(Role role) {
  Identity identity{role, "demo", "somebody"};
  if (role == Role::kDelegate) identity.job = Uuid();
  return identity;
}

// Every service of the server, and who may call it.
struct Entry {
  std::string path;
  std::vector<Role> allowed;
};

const Entry kTable[] = {
    {"/tutti.v1.AgentService/Enroll", {Role::kBootstrap}},
    {"/tutti.v1.AgentService/Renew", {Role::kAgent}},
    {"/tutti.v1.AgentService/Session", {Role::kAgent}},
    {"/tutti.v1.AgentService/SendOutput", {Role::kAgent}},
    {"/tutti.v1.JobService/StartJob", {Role::kOperator, Role::kDelegate}},
    {"/tutti.v1.JobService/WatchJob", {Role::kOperator, Role::kDelegate}},
    {"/tutti.v1.JobService/CertifyDelegate", {Role::kOperator}},
    {"/tutti.v1.AgentRegistryService/ListAgents",
     {Role::kOperator, Role::kDelegate}},
    {"/tutti.v1.AgentRegistryService/RemoveAgent", {Role::kOperator}},
    {"/tutti.v1.GroupService/SetGroup", {Role::kOperator}},
    {"/tutti.v1.TokenService/CreateToken", {Role::kOperator}},
    {"/tutti.v1.ControllerService/GetController", {Role::kOperator}},
    {"/grpc.health.v1.Health/Check", {Role::kOperator, Role::kAgent}},
    {"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
     {Role::kOperator}},
};

TEST(AccessTest, EachRoleGetsItsServicesAndNoOther) {
  for (const Entry& entry : kTable) {
    for (const Role role : kRoles) {
      SCOPED_TRACE(entry.path + " by " + std::string(RoleName(role)));
      const bool allowed = std::find(entry.allowed.begin(), entry.allowed.end(),
                                     role) != entry.allowed.end();
      EXPECT_EQ(CheckAccess("demo", entry.path, Caller(role)).ok(), allowed);
    }
  }
}

// A service that is added and forgotten here must not be open to everybody.
TEST(AccessTest, WhatHasNoRuleMayBeCalledByNobody) {
  for (const char* path :
       {"/tutti.v1.NewService/Call", "/", "", "JobService",
        "/tutti.v1.JobServiceX/StartJob", "/tutti.v1.AgentService",
        "/grpc.channelz.v1.Channelz/GetServers"}) {
    for (const Role role : kRoles) {
      EXPECT_THAT(CheckAccess("demo", path, Caller(role)),
                  StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("")))
          << path;
    }
  }
}

// Enroll is a rule of its own: its name as a prefix must not open it.
TEST(AccessTest, ATokenMayCallEnrollAndNothingThatBeginsLikeIt) {
  EXPECT_THAT(CheckAccess("demo", "/tutti.v1.AgentService/Enroll",
                          Caller(Role::kBootstrap)),
              IsOk());
  EXPECT_FALSE(CheckAccess("demo", "/tutti.v1.AgentService/EnrollAll",
                           Caller(Role::kBootstrap))
                   .ok());
}

TEST(AccessTest, ARefusalNamesCallerMethodAndRemedy) {
  const Identity agent{Role::kAgent, "demo", "web01"};
  EXPECT_THAT(CheckAccess("demo", "/tutti.v1.JobService/StartJob", agent),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       "agent web01 may not call JobService/StartJob; use an "
                       "operator's certificate"));
  const Identity alice{Role::kOperator, "demo", "alice"};
  EXPECT_THAT(CheckAccess("demo", "/tutti.v1.AgentService/Session", alice),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       "operator alice may not call AgentService/Session; use "
                       "an agent's certificate"));
}

// The authorities differ by fleet, but a bundle may hold more than one.
TEST(AccessTest, AnotherFleetIsRefused) {
  const Identity alice{Role::kOperator, "prod", "alice"};
  EXPECT_THAT(CheckAccess("demo", "/tutti.v1.JobService/StartJob", alice),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       AllOf(HasSubstr("'prod'"), HasSubstr("'demo'"))));
}

}  // namespace
}  // namespace tutti::controller
