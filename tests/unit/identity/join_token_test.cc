#include "common/identity/join_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/identity/test_identities.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class JoinTokenTest : public ::testing::Test {
 protected:
  JoinTokenTest() {
    const absl::Time now = FakeClock().Now();
    const auto pem = [&](Role role) {
      return MakeAuthority(role, "demo", now).certificate().ToPem();
    };
    const Credentials bootstrap =
        MakeCredentials(MakeAuthority(Role::kAgent, "demo", now),
                        {Role::kBootstrap, "demo", "t1"}, now);
    token_ = {.id = "t1",
              .fleet = "demo",
              .controllers = {"c1.example:7117", "[::1]:7117"},
              .controller_authority = pem(Role::kController),
              .operator_authority = pem(Role::kOperator),
              .bootstrap_certificate = bootstrap.CertificatesPem(),
              .bootstrap_key = bootstrap.key.ToPem()};
  }

  // The error of a token that was changed.
  absl::Status Changed(const std::function<void(JoinToken&)>& change) const {
    JoinToken token = token_;
    change(token);
    return ParseJoinToken(FormatJoinToken(token)).status();
  }

  JoinToken token_;
};

TEST_F(JoinTokenTest, ComesBackFromItsText) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const JoinToken parsed,
                             ParseJoinToken(FormatJoinToken(token_)));
  EXPECT_EQ(parsed.id, token_.id);
  EXPECT_EQ(parsed.fleet, token_.fleet);
  EXPECT_EQ(parsed.controllers, token_.controllers);
  EXPECT_EQ(parsed.controller_authority, token_.controller_authority);
  EXPECT_EQ(parsed.operator_authority, token_.operator_authority);
  EXPECT_EQ(parsed.bootstrap_certificate, token_.bootstrap_certificate);
  EXPECT_EQ(parsed.bootstrap_key, token_.bootstrap_key);
}

TEST_F(JoinTokenTest, SaysWhichFieldIsMissing) {
  std::string text = FormatJoinToken(token_);
  text.erase(text.find("bootstrap_key:"));
  EXPECT_THAT(ParseJoinToken(text), StatusIs(absl::StatusCode::kInvalidArgument,
                                             HasSubstr("bootstrap_key")));
}

TEST_F(JoinTokenTest, RefusesWhatIsNoToken) {
  for (const char* text : {"", "garbage", "- a\n- b\n", "{"}) {
    EXPECT_THAT(
        ParseJoinToken(text),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 AllOf(HasSubstr("tutti token create"), Not(HasSubstr("\n")))))
        << text;
  }
}

TEST_F(JoinTokenTest, SaysWhichFieldIsBad) {
  const auto is_bad = [](const char* field) {
    return StatusIs(absl::StatusCode::kInvalidArgument,
                    AllOf(HasSubstr(field), HasSubstr("tutti token create")));
  };
  EXPECT_THAT(Changed([](JoinToken& token) { token.fleet = "Demo"; }),
              is_bad("fleet"));
  EXPECT_THAT(Changed([](JoinToken& token) { token.controllers = {"c1"}; }),
              is_bad("controllers"));
  EXPECT_THAT(Changed([](JoinToken& token) { token.operator_authority = "x"; }),
              is_bad("operator_authority"));
  EXPECT_THAT(
      Changed([](JoinToken& token) { token.controller_authority = "x"; }),
      is_bad("controller_authority"));
  EXPECT_THAT(Changed([](JoinToken& token) { token.bootstrap_key = "x"; }),
              is_bad("bootstrap_key"));
  EXPECT_THAT(Changed([](JoinToken& token) {
                token.bootstrap_key = PrivateKey::Generate()->ToPem();
              }),
              is_bad("bootstrap_key"));
  EXPECT_THAT(Changed([](JoinToken& token) { token.id = "t2"; }),
              is_bad("bootstrap_certificate"));
}

}  // namespace
}  // namespace tutti::testing
