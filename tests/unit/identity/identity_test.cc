#include "common/identity/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace tutti::testing {
namespace {

using ::testing::HasSubstr;

// A certificate says who somebody is in this form alone.
TEST(IdentityTest, UriTellsEveryRoleApart) {
  const auto uri = [](Role role) { return ToUri({role, "demo", "x1"}); };
  EXPECT_EQ(uri(Role::kController), "spiffe://controllers.demo/x1");
  EXPECT_EQ(uri(Role::kAgent), "spiffe://agents.demo/x1");
  EXPECT_EQ(uri(Role::kBootstrap), "spiffe://agents.demo/bootstrap/x1");
  EXPECT_EQ(uri(Role::kOperator), "spiffe://operators.demo/x1");
}

TEST(IdentityTest, ParsingGivesBackWhatWasWritten) {
  for (const Role role :
       {Role::kController, Role::kAgent, Role::kBootstrap, Role::kOperator}) {
    const Identity identity = {role, "demo-2", "web_01.example-x"};
    TUTTI_ASSERT_OK_AND_ASSIGN(const Identity parsed,
                               ParseIdentity(ToUri(identity)));
    EXPECT_EQ(parsed, identity);
  }
}

// An agent that is named "bootstrap" must not become a join token.
TEST(IdentityTest, AgentMayBeNamedBootstrap) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const Identity parsed,
                             ParseIdentity("spiffe://agents.demo/bootstrap"));
  EXPECT_EQ(parsed, (Identity{Role::kAgent, "demo", "bootstrap"}));
}

// Anything that is nearly an identity would be somebody else's.
TEST(IdentityTest, RefusesWhatIsNotExactlyAnIdentity) {
  for (const char* uri : {"",
                          "web01",
                          "https://agents.demo/web01",
                          "spiffe://agents.demo",
                          "spiffe://agents.demo/",
                          "spiffe://agents./web01",
                          "spiffe://agents/web01",
                          "spiffe://agents.demo:7117/web01",
                          "spiffe://x@agents.demo/web01",
                          "spiffe://agents.demo/web01/",
                          "spiffe://agents.demo/a/b",
                          "spiffe://agents.demo/bootstrap/",
                          "spiffe://agents.demo/bootstrap/a/b",
                          "spiffe://Agents.demo/web01",
                          "spiffe://agents.Demo/web01",
                          "spiffe://agents.a.b/web01",
                          "spiffe://others.demo/web01",
                          "spiffe://agents.demo/web01?x",
                          "spiffe://agents.demo/web%31",
                          "spiffe://operators.demo/bootstrap/x"}) {
    EXPECT_THAT(ParseIdentity(uri),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("")))
        << uri;
  }
}

// Its path is one that no agent's name can be.
TEST(IdentityTest, ADelegateIsOfOneJob) {
  const std::string uri =
      "spiffe://agents.demo/delegate/01890a5d-ac96-774b-bcce-b302099a8057/"
      "alice";
  TUTTI_ASSERT_OK_AND_ASSIGN(const Identity identity, ParseIdentity(uri));
  EXPECT_EQ(identity.role, Role::kDelegate);
  EXPECT_EQ(identity.name, "alice");
  EXPECT_EQ(identity.job->ToString(), "01890a5d-ac96-774b-bcce-b302099a8057");
  EXPECT_EQ(ToUri(identity), uri);
  for (const char* bad :
       {"spiffe://agents.demo/delegate/alice",
        "spiffe://agents.demo/delegate/17/alice",
        "spiffe://agents.demo/delegate/01890a5d-ac96-774b-bcce-b302099a8057",
        "spiffe://agents.demo/delegate/01890A5D-ac96-774b-bcce-b302099a8057/a",
        "spiffe://operators.demo/delegate/"
        "01890a5d-ac96-774b-bcce-b302099a8057/alice"}) {
    EXPECT_FALSE(ParseIdentity(bad).ok()) << bad;
  }
}

TEST(IdentityTest, FleetIsADnsLabel) {
  TUTTI_EXPECT_OK(ValidateFleetName("demo-2"));
  TUTTI_EXPECT_OK(ValidateFleetName(std::string(63, 'a')));
  for (const std::string& fleet :
       {std::string(), std::string(64, 'a'), std::string("-a"),
        std::string("a-"), std::string("a.b"), std::string("Demo")}) {
    EXPECT_THAT(ValidateFleetName(fleet),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("a-z")))
        << fleet;
  }
}

// A target named like a word of the expression language could not be named.
TEST(IdentityTest, NamesAreNotWordsOfExpressions) {
  for (const char* word : {"all", "and", "or", "not", "in", "last"}) {
    EXPECT_THAT(ValidateName(word), StatusIs(absl::StatusCode::kInvalidArgument,
                                             HasSubstr("choose another")));
  }
  TUTTI_EXPECT_OK(ValidateName("all1"));
}

TEST(IdentityTest, NamesHaveOnlyHarmlessCharacters) {
  TUTTI_EXPECT_OK(ValidateName("Web_01.example-x"));
  TUTTI_EXPECT_OK(ValidateName(std::string(253, 'a')));
  for (const std::string& name :
       {std::string(), std::string(254, 'a'), std::string("-a"),
        std::string(".a"), std::string("a b"), std::string("a,b"),
        std::string("a/b"), std::string("a*"), std::string("a\0b", 3),
        std::string("\xc3\xa4")}) {
    EXPECT_THAT(ValidateName(name),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("use")))
        << name;
  }
}

}  // namespace
}  // namespace tutti::testing
