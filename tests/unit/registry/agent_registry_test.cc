#include "controller/registry/agent_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/base/duration.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace tutti::testing {
namespace {

using controller::AgentRegistry;
using controller::JournalBatch;
using controller::JournalContents;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::Duration kLife = absl::Hours(24 * 30);

v1::CreateTokenRequest TokenRequest(uint32_t uses = 1,
                                    const std::string& names = "") {
  v1::CreateTokenRequest request;
  *request.mutable_life() = ToProto(absl::Hours(1));
  request.set_uses(uses);
  request.set_names(names);
  return request;
}

auto IsDenied(const std::string& text) {
  return StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr(text));
}

class AgentRegistryTest : public ::testing::Test {
 protected:
  void MakeToken(const std::string& id, const v1::CreateTokenRequest& request) {
    TUTTI_ASSERT_OK(
        registry_.CreateToken(request, id, "alice", clock_.Now(), batch_));
  }
  absl::Status Enroll(const std::string& token, const std::string& name,
                      const std::string& key) {
    return registry_.Enroll(token, name, key, clock_.Now() + kLife,
                            clock_.Now(), batch_);
  }
  uint64_t Connect(const std::string& name, uint64_t session,
                   const std::string& key = "") {
    v1::AgentHello hello;
    hello.set_agent_version("1.0");
    hello.set_host_name("host");
    hello.set_operating_system("Debian");
    return registry_.Connect(name, session, "192.0.2.7:5", hello, clock_.Now(),
                             batch_, key);
  }
  absl::Status Renew(const std::string& old_key, const std::string& new_key) {
    return registry_.Renew("web01", old_key, new_key, clock_.Now() + kLife,
                           batch_);
  }
  // What a controller that starts again knows: the journal's last rows.
  AgentRegistry Restarted() const {
    JournalContents contents;
    contents.agents = batch_.agents;
    contents.tokens = batch_.tokens;
    AgentRegistry registry;
    registry.Load(contents);
    return registry;
  }

  FakeClock clock_;
  AgentRegistry registry_;
  JournalBatch batch_;
};

TEST_F(AgentRegistryTest, TokenSaysWhatWasAskedFor) {
  v1::CreateTokenRequest request = TokenRequest(3, "web*");
  (*request.mutable_labels())["role"] = "web";
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const v1::Token token,
      registry_.CreateToken(request, "t1", "alice", clock_.Now(), batch_));
  EXPECT_EQ(token.id(), "t1");
  EXPECT_EQ(token.created_by(), "alice");
  EXPECT_EQ(token.uses(), 3u);
  EXPECT_EQ(token.used(), 0u);
  EXPECT_EQ(token.names(), "web*");
  EXPECT_EQ(token.labels().at("role"), "web");
  EXPECT_EQ(ToTime(token.expires_at()), clock_.Now() + absl::Hours(1));
  EXPECT_THAT(batch_.tokens, SizeIs(1));
}

TEST_F(AgentRegistryTest, TokenOfBadLifeUsesOrPatternIsRefused) {
  const auto create = [&](const v1::CreateTokenRequest& request) {
    return registry_.CreateToken(request, "t1", "alice", clock_.Now(), batch_);
  };
  v1::CreateTokenRequest request = TokenRequest();
  *request.mutable_life() = ToProto(absl::Seconds(59));
  EXPECT_THAT(create(request), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("choose from 1m to 30d")));
  *request.mutable_life() = ToProto(absl::Hours(24 * 30) + absl::Seconds(1));
  EXPECT_THAT(create(request), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("choose from 1m to 30d")));
  EXPECT_THAT(
      create(TokenRequest(0)),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1 or more")));
  EXPECT_THAT(
      create(TokenRequest(1, "web[1-")),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("web[1-")));
  EXPECT_TRUE(batch_.empty());
}

TEST_F(AgentRegistryTest, EnrolledAgentIsKnownAndJournaled) {
  v1::CreateTokenRequest request = TokenRequest();
  (*request.mutable_labels())["role"] = "web";
  MakeToken("t1", request);
  TUTTI_ASSERT_OK(Enroll("t1", "web01", "key"));
  ASSERT_NE(registry_.Find("web01"), nullptr);
  const v1::Agent agent = registry_.Describe(*registry_.Find("web01"));
  EXPECT_EQ(agent.name(), "web01");
  EXPECT_EQ(agent.token_id(), "t1");
  EXPECT_EQ(agent.labels().at("role"), "web");
  EXPECT_FALSE(agent.online());
  EXPECT_FALSE(agent.has_last_seen());
  EXPECT_EQ(ToTime(agent.certificate_expires_at()), clock_.Now() + kLife);
  ASSERT_THAT(batch_.agents, SizeIs(1));
  EXPECT_EQ(batch_.agents[0].key_fingerprint, "key");
  EXPECT_THAT(batch_.tokens.back().token.used_by(), ElementsAre("web01"));
}

TEST_F(AgentRegistryTest, TheControllersLabelsGoBeforeTheHostsOwn) {
  v1::CreateTokenRequest request = TokenRequest();
  (*request.mutable_labels())["role"] = "web";
  MakeToken("t1", request);
  TUTTI_ASSERT_OK(Enroll("t1", "web01", "key"));
  v1::HostAttributes host;
  (*host.mutable_labels())["role"] = "mine";
  (*host.mutable_labels())["site"] = "berlin";
  v1::Fact& fact = *host.add_facts();
  fact.set_name("address");
  fact.add_values("192.0.2.1");
  fact.add_values("192.0.2.2");
  registry_.SetAttributes("web01", host, batch_);
  const AgentRegistry restarted = Restarted();
  const auto values = [&](std::string_view attribute) {
    return restarted.attributes().ValuesOf("web01", attribute);
  };
  EXPECT_THAT(values("role"), ElementsAre("web"));
  EXPECT_THAT(values("site"), ElementsAre("berlin"));
  EXPECT_THAT(values("address"), ElementsAre("192.0.2.1", "192.0.2.2"));
  EXPECT_THAT(values("online"), ElementsAre("no"));
  EXPECT_THAT(values("rack"), IsEmpty());
  EXPECT_TRUE(restarted.attributes().Knows("site"));
  EXPECT_TRUE(restarted.attributes().Knows("os.id"));
  EXPECT_FALSE(restarted.attributes().Knows("rack"));
}

// An agent is not trusted with more than its own memory.
TEST_F(AgentRegistryTest, BadAttributesOfAHostAreLeftOut) {
  MakeToken("t1", TokenRequest());
  TUTTI_ASSERT_OK(Enroll("t1", "web01", "key"));
  v1::HostAttributes host;
  (*host.mutable_labels())["os.id"] = "mine";
  (*host.mutable_labels())["x y"] = "1";
  (*host.mutable_labels())["good"] = "1";
  const auto add_fact = [&host](const std::string& name, int values) {
    v1::Fact& fact = *host.add_facts();
    fact.set_name(name);
    for (int i = 0; i < values; ++i) fact.add_values("v" + std::to_string(i));
  };
  add_fact("role", 1);
  add_fact("online", 1);
  add_fact("address", 1000);
  add_fact("address", 1);
  add_fact("os.id", 0);
  registry_.SetAttributes("web01", host, batch_);
  const v1::HostAttributes& kept = registry_.Find("web01")->stored.attributes();
  EXPECT_EQ(kept.labels().size(), 1u);
  ASSERT_EQ(kept.facts_size(), 1);
  EXPECT_EQ(kept.facts(0).name(), "address");
  EXPECT_EQ(kept.facts(0).values_size(), 64);
  batch_ = {};
  registry_.SetAttributes("web01", host, batch_);
  EXPECT_THAT(batch_.agents, IsEmpty()) << "nothing is new";
}

TEST_F(AgentRegistryTest, LabelsAreSetForAllOrNone) {
  MakeToken("t1", TokenRequest(2));
  TUTTI_ASSERT_OK(Enroll("t1", "web01", "key"));
  TUTTI_ASSERT_OK(Enroll("t1", "web02", "key2"));
  batch_ = {};
  v1::LabelAgentsRequest request;
  (*request.mutable_set())["role"] = "web";
  TUTTI_ASSERT_OK(registry_.Label({"web01", "web02"}, request, batch_));
  EXPECT_THAT(batch_.agents, SizeIs(2));
  v1::LabelAgentsRequest many;
  for (int i = 0; i < controller::kMaxLabels; ++i) {
    (*many.mutable_set())["l" + std::to_string(i)] = "1";
  }
  request.clear_set();
  request.add_remove("role");
  TUTTI_ASSERT_OK(registry_.Label({"web01"}, request, batch_));
  // web02 has one label already.
  EXPECT_THAT(registry_.Label({"web01", "web02"}, many, batch_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("'web02' would have 65 labels")));
  EXPECT_EQ(registry_.Find("web01")->stored.labels().size(), 0u);
  (*many.mutable_set())["os.id"] = "x";
  EXPECT_THAT(
      registry_.Label({"web01"}, many, batch_),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("is a fact")));
}

TEST_F(AgentRegistryTest, ConditionsCanNotBeNamesOfAToken) {
  EXPECT_THAT(registry_.CreateToken(TokenRequest(1, "web* and role=web"), "t1",
                                    "alice", clock_.Now(), batch_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("can not depend on labels")));
  TUTTI_EXPECT_OK(registry_.CreateToken(TokenRequest(1, "name~^web"), "t1",
                                        "alice", clock_.Now(), batch_));
}

TEST_F(AgentRegistryTest, UnknownTokenIsRefused) {
  EXPECT_THAT(Enroll("t1", "web01", "key"), IsDenied("does not know"));
}

TEST_F(AgentRegistryTest, ExpiredTokenIsRefused) {
  MakeToken("t1", TokenRequest());
  clock_.Advance(absl::Hours(1));
  EXPECT_THAT(Enroll("t1", "web01", "key"),
              IsDenied("expired on 2026-01-01 01:00 UTC"));
}

TEST_F(AgentRegistryTest, RevokedTokenIsRefused) {
  MakeToken("t1", TokenRequest());
  TUTTI_ASSERT_OK(registry_.RevokeToken("t1", batch_));
  EXPECT_THAT(Enroll("t1", "web01", "key"), IsDenied("revoked"));
}

TEST_F(AgentRegistryTest, UsedUpTokenIsRefused) {
  MakeToken("t1", TokenRequest(2));
  TUTTI_ASSERT_OK(Enroll("t1", "web01", "key1"));
  TUTTI_ASSERT_OK(Enroll("t1", "web02", "key2"));
  EXPECT_THAT(Enroll("t1", "web03", "key3"), IsDenied("used up (2 of 2 uses)"));
  EXPECT_EQ(registry_.Find("web03"), nullptr);
}

TEST_F(AgentRegistryTest, NameThatTheTokenDoesNotAllowIsRefused) {
  MakeToken("t1", TokenRequest(1, "web[01-20],db*"));
  EXPECT_THAT(Enroll("t1", "web21", "key"),
              IsDenied("does not allow the name 'web21', only web[01-20],db*"));
  TUTTI_EXPECT_OK(Enroll("t1", "db-main", "key"));
}

TEST_F(AgentRegistryTest, BadNameIsRefused) {
  MakeToken("t1", TokenRequest());
  EXPECT_THAT(Enroll("t1", "all", "key"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("word of target expressions")));
}

TEST_F(AgentRegistryTest, TheNameOfTheControllersHostIsNoAgents) {
  EXPECT_THAT(registry_.CreateToken(TokenRequest(1, "web01,local"), "t1",
                                    "alice", clock_.Now(), batch_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("the controller's own host")));
  MakeToken("t2", TokenRequest());
  EXPECT_THAT(Enroll("t2", "local", "key"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("choose another one")));
}

// Otherwise what is signed for that agent would run on the controller's host.
TEST_F(AgentRegistryTest, AnAgentOfThatNameKeepsTheControllerFromStarting) {
  JournalContents contents;
  contents.agents.push_back({.name = "local", .key_fingerprint = "key"});
  EXPECT_THAT(AgentRegistry::CheckLoadable(contents),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("tutti agent remove local")));
  contents.agents[0].key_fingerprint = AgentRegistry::LocalHostKey();
  TUTTI_EXPECT_OK(AgentRegistry::CheckLoadable(contents));
}

// It is found by its name and by nothing else, also after a restart.
TEST_F(AgentRegistryTest, TheControllersHostIsFoundButNotListed) {
  EXPECT_EQ(registry_.Find("local"), nullptr);
  registry_.AddLocalHost();
  Connect("local", 7);
  registry_.AddLocalHost();
  ASSERT_NE(registry_.Find("local"), nullptr);
  EXPECT_EQ(registry_.Find("local")->session, 7u);
  EXPECT_EQ(registry_.online_count(), 0u);
  EXPECT_THAT(registry_.names(), IsEmpty());
  EXPECT_FALSE(registry_.CheckKey("local", "key").ok());
  TUTTI_EXPECT_OK(registry_.CheckKey("local", AgentRegistry::LocalHostKey()));
  registry_.Disconnect("local", 7, clock_.Now(), batch_);
  EXPECT_EQ(registry_.online_count(), 0u);

  AgentRegistry restarted = Restarted();
  ASSERT_NE(restarted.Find("local"), nullptr);
  EXPECT_EQ(restarted.Find("local")->session, 0u);
  EXPECT_THAT(restarted.names(), IsEmpty());
  restarted.RemoveLocalHost();
  EXPECT_EQ(restarted.Find("local"), nullptr);
}

// An answer that was lost must not cost a use, nor leave the host outside.
TEST_F(AgentRegistryTest, SameKeyAgainIsFree) {
  MakeToken("t1", TokenRequest());
  TUTTI_ASSERT_OK(Enroll("t1", "web01", "key"));
  TUTTI_EXPECT_OK(Enroll("t1", "web01", "key"));
  EXPECT_THAT(batch_.tokens.back().token.used_by(), SizeIs(1));
}

// Whoever gets hold of a token must not take over a host that is there.
TEST_F(AgentRegistryTest, EnrolledNameIsRefusedWithWhatToDo) {
  MakeToken("t1", TokenRequest(5));
  TUTTI_ASSERT_OK(Enroll("t1", "web01", "key"));
  EXPECT_THAT(Enroll("t1", "web01", "other"),
              StatusIs(absl::StatusCode::kAlreadyExists,
                       AllOf(HasSubstr("tutti agent remove web01"),
                             HasSubstr("enrol again"))));
  EXPECT_EQ(registry_.Find("web01")->key_fingerprint, "key");
}

TEST_F(AgentRegistryTest, RemovedNameCanBeEnrolledAgain) {
  MakeToken("t1", TokenRequest(2));
  TUTTI_ASSERT_OK(Enroll("t1", "web01", "key"));
  TUTTI_ASSERT_OK(registry_.Remove("web01", batch_));
  EXPECT_THAT(batch_.removed_agents, ElementsAre("web01"));
  TUTTI_EXPECT_OK(Enroll("t1", "web01", "other"));
  EXPECT_THAT(registry_.CheckKey("web01", "key"), IsDenied("another key"));
}

TEST_F(AgentRegistryTest, ListsUsableTokensNewestFirst) {
  MakeToken("a", TokenRequest());
  clock_.Advance(absl::Minutes(1));
  MakeToken("b", TokenRequest());
  MakeToken("used", TokenRequest());
  MakeToken("revoked", TokenRequest());
  TUTTI_ASSERT_OK(Enroll("used", "web01", "key"));
  TUTTI_ASSERT_OK(registry_.RevokeToken("revoked", batch_));
  const auto ids = [&](bool all) {
    std::vector<std::string> names;
    const v1::ListTokensResponse response =
        registry_.ListTokens(all, clock_.Now());
    for (const v1::Token& token : response.tokens()) {
      names.push_back(token.id());
    }
    return names;
  };
  EXPECT_THAT(ids(false), ElementsAre("b", "a"));
  EXPECT_THAT(ids(true), ElementsAre("b", "revoked", "used", "a"));
  clock_.Advance(absl::Hours(2));
  EXPECT_THAT(ids(false), IsEmpty());
}

TEST_F(AgentRegistryTest, RevokesByUniquePrefix) {
  MakeToken("abc", TokenRequest());
  MakeToken("abcd", TokenRequest());
  MakeToken("xyz", TokenRequest());
  EXPECT_THAT(registry_.RevokeToken("ab", batch_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("give more of it")));
  EXPECT_THAT(
      registry_.RevokeToken("", batch_),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("tutti token list")));
  EXPECT_THAT(registry_.RevokeToken("q", batch_),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("'q'")));
  TUTTI_EXPECT_OK(registry_.RevokeToken("x", batch_));
  TUTTI_EXPECT_OK(registry_.RevokeToken("abc", batch_));
  EXPECT_EQ(batch_.tokens.back().id, "abc");
}

class EnrolledTest : public AgentRegistryTest {
 protected:
  EnrolledTest() {
    MakeToken("t1", TokenRequest(5));
    EXPECT_THAT(Enroll("t1", "web01", "key1"), IsOk());
  }
};

TEST_F(EnrolledTest, OnlyTheEnrolledKeyIsAccepted) {
  TUTTI_EXPECT_OK(registry_.CheckKey("web01", "key1"));
  EXPECT_THAT(registry_.CheckKey("web01", "other"), IsDenied("another key"));
  EXPECT_THAT(registry_.CheckKey("web01", ""), IsDenied("another key"));
  EXPECT_THAT(registry_.CheckKey("web02", "key1"), IsDenied("not enrolled"));
}

TEST_F(EnrolledTest, RemovedAgentIsRefusedEverywhere) {
  TUTTI_ASSERT_OK(registry_.Remove("web01", batch_));
  EXPECT_THAT(registry_.CheckKey("web01", "key1"), IsDenied("was removed"));
  EXPECT_THAT(Renew("key1", "key2"), IsDenied("was removed"));
  EXPECT_EQ(Connect("web01", 7), 0u);
  EXPECT_EQ(registry_.online_count(), 0u);
}

// The answer of a renewal may be lost: the agent then goes on with the old key.
TEST_F(EnrolledTest, BothKeysAreGoodUntilTheNewOneConnects) {
  TUTTI_ASSERT_OK(Renew("key1", "key2"));
  TUTTI_EXPECT_OK(registry_.CheckKey("web01", "key1"));
  TUTTI_EXPECT_OK(registry_.CheckKey("web01", "key2"));
  Connect("web01", 7, "key1");
  TUTTI_EXPECT_OK(registry_.CheckKey("web01", "key2"));
  Connect("web01", 8, "key2");
  TUTTI_EXPECT_OK(registry_.CheckKey("web01", "key2"));
  EXPECT_THAT(registry_.CheckKey("web01", "key1"), IsDenied("another key"));
}

// A controller that restarts between a renewal and the next connection must
// not lock the agent out, with whichever key it comes.
TEST_F(EnrolledTest, BothKeysSurviveARestart) {
  TUTTI_ASSERT_OK(Renew("key1", "key2"));
  const AgentRegistry restarted = Restarted();
  TUTTI_EXPECT_OK(restarted.CheckKey("web01", "key1"));
  TUTTI_EXPECT_OK(restarted.CheckKey("web01", "key2"));
}

TEST_F(EnrolledTest, RenewalNotesTheNewEnd) {
  clock_.Advance(absl::Hours(24 * 20));
  TUTTI_ASSERT_OK(Renew("key1", "key2"));
  EXPECT_EQ(ToTime(registry_.Find("web01")->stored.certificate_expires_at()),
            clock_.Now() + kLife);
}

// A key that was renewed away must not come back through a second renewal.
TEST_F(EnrolledTest, RenewalForgetsTheKeyBeforeTheLast) {
  TUTTI_ASSERT_OK(Renew("key1", "key2"));
  TUTTI_ASSERT_OK(Renew("key2", "key3"));
  EXPECT_THAT(registry_.CheckKey("web01", "key1"), IsDenied("another key"));
  TUTTI_EXPECT_OK(registry_.CheckKey("web01", "key2"));
  TUTTI_EXPECT_OK(registry_.CheckKey("web01", "key3"));
  EXPECT_THAT(Renew("key1", "key4"), IsDenied("another key"));
}

TEST_F(EnrolledTest, RemovingNamesTheNearest) {
  EXPECT_THAT(registry_.Remove("web1", batch_),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("did you mean 'web01'?")));
  EXPECT_THAT(
      registry_.Remove("something-else", batch_),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("tutti agent list")));
}

TEST_F(EnrolledTest, ConnectionsAreCountedAndDescribed) {
  EXPECT_EQ(Connect("web01", 7), 0u);
  EXPECT_EQ(registry_.online_count(), 1u);
  const v1::Agent agent = registry_.Describe(*registry_.Find("web01"));
  EXPECT_TRUE(agent.online());
  EXPECT_EQ(agent.address(), "192.0.2.7:5");
  EXPECT_EQ(agent.host_name(), "host");
  clock_.Advance(absl::Minutes(1));
  registry_.Disconnect("web01", 7, clock_.Now(), batch_);
  EXPECT_EQ(registry_.online_count(), 0u);
  const v1::Agent gone = registry_.Describe(*registry_.Find("web01"));
  EXPECT_FALSE(gone.online());
  EXPECT_EQ(ToTime(gone.last_seen()), clock_.Now());
  EXPECT_EQ(gone.address(), "");
}

// The end of an old session may be seen after the new one has begun.
TEST_F(EnrolledTest, LateEndOfAnOlderSessionChangesNothing) {
  Connect("web01", 7);
  EXPECT_EQ(Connect("web01", 8), 7u);
  EXPECT_EQ(registry_.online_count(), 1u);
  registry_.Disconnect("web01", 7, clock_.Now(), batch_);
  EXPECT_EQ(registry_.Find("web01")->session, 8u);
  EXPECT_EQ(registry_.online_count(), 1u);
}

TEST_F(EnrolledTest, RemovingEndsTheConnection) {
  Connect("web01", 7);
  TUTTI_ASSERT_OK(registry_.Remove("web01", batch_));
  EXPECT_EQ(registry_.online_count(), 0u);
  registry_.Disconnect("web01", 7, clock_.Now(), batch_);
  EXPECT_EQ(registry_.online_count(), 0u);
}

TEST_F(EnrolledTest, NamesAreSortedAndCurrent) {
  EXPECT_THAT(registry_.names(), ElementsAre("web01"));
  TUTTI_ASSERT_OK(Enroll("t1", "db", "key2"));
  EXPECT_THAT(registry_.names(), ElementsAre("db", "web01"));
  TUTTI_ASSERT_OK(registry_.Remove("web01", batch_));
  EXPECT_THAT(registry_.names(), ElementsAre("db"));
}

TEST_F(EnrolledTest, EverythingSurvivesARestart) {
  Connect("web01", 7);
  const AgentRegistry restarted = Restarted();
  ASSERT_NE(restarted.Find("web01"), nullptr);
  EXPECT_EQ(restarted.Find("web01")->session, 0u);
  EXPECT_EQ(restarted.online_count(), 0u);
  EXPECT_EQ(restarted.Find("web01")->stored.host_name(), "host");
  EXPECT_EQ(restarted.ListTokens(true, clock_.Now()).tokens(0).used(), 1u);
}

}  // namespace
}  // namespace tutti::testing
