// What a runner must refuse of jobs that are signed through a delegation, one
// test each. Where one of them breaks, a local job can do more in an operator's
// name than that operator allowed.
#include "common/signing/delegation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "agent/runner/verification/verifier.h"
#include "common/base/duration.h"
#include "common/base/uuid.h"
#include "common/signing/envelope.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/signing/test_fleet.h"

namespace tutti::runner {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::tutti::testing::FakeClock;
using ::tutti::testing::kTestStart;
using ::tutti::testing::MakeSpec;
using ::tutti::testing::SignAnything;
using ::tutti::testing::StatusIs;
using ::tutti::testing::TestFleet;

constexpr auto kRefused = absl::StatusCode::kPermissionDenied;

class DelegatedJobTest : public ::testing::Test {
 protected:
  DelegatedJobTest() {
    bounds_.set_fleet("demo");
    bounds_.set_job_uuid(std::string(Uuid::Generate(kTestStart).bytes()));
    bounds_.set_public_key(key_.PublicKeyDer());
    bounds_.set_targets("db,web[01-09]");
    bounds_.add_kinds("command");
    *bounds_.mutable_issued_at() = ToProto(kTestStart);
    *bounds_.mutable_expires_at() = ToProto(kTestStart + absl::Hours(1));
  }

  // A good job through these bounds, then changed, with nothing checked on the
  // way: as whoever holds the key can make it.
  v1::Envelope Sign(const std::function<void(v1::JobSignature&)>& change = {}) {
    v1::Envelope envelope =
        SignAnything(spec_.SerializeAsString(), {{}, Copy(key_)});
    v1::JobSignature& signature = *envelope.mutable_signatures(0);
    signature.add_certificates(alice_.certificates[0].ToDer());
    *signature.mutable_delegation() = *SignDelegation(bounds_, alice_.key);
    if (change) change(signature);
    return envelope;
  }

  absl::Status Verify(const v1::Envelope& envelope) {
    v1::AttemptKey key;
    key.set_job_uuid(spec_.job_uuid());
    key.set_attempt(1);
    key.set_target("web01");
    return verifier_
        .Verify(envelope.SerializeAsString(),
                MakeTargetProof(*MakeTargetTree({"web01", "web02"}), 0), key)
        .status();
  }

  static PrivateKey Copy(const PrivateKey& key) {
    return *PrivateKey::FromPem(key.ToPem());
  }

  static Verifier::Options ThisTarget() {
    Verifier::Options options;
    options.fleet = "demo";
    options.target = "web01";
    return options;
  }

  const TestFleet fleet_{"demo"};
  const Credentials alice_ = fleet_.MakeOperator("alice");
  const PrivateKey key_ = *PrivateKey::Generate();
  v1::Delegation bounds_;
  v1::JobSpec spec_ = MakeSpec("demo", {"web01", "web02"});
  FakeClock clock_;
  const AllowEveryOperator policy_;
  Verifier verifier_{ThisTarget(), fleet_.OperatorsTrust(), clock_, policy_};
};

TEST_F(DelegatedJobTest, WithinItsBoundsItIsTheOperators) {
  TUTTI_EXPECT_OK(Verify(Sign()));
  const v1::SignedDelegation delegation = *SignDelegation(bounds_, alice_.key);
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const v1::Envelope envelope,
      SignSpec(spec_, JobSigner(key_, alice_.certificates, &delegation)));
  TUTTI_ASSERT_OK_AND_ASSIGN(const OpenedEnvelope opened,
                             OpenEnvelope(envelope.SerializeAsString(),
                                          fleet_.OperatorsTrust(), kTestStart));
  EXPECT_EQ(opened.signer.name, "alice");
  EXPECT_EQ(opened.delegation->job.bytes(), bounds_.job_uuid());
}

TEST_F(DelegatedJobTest, AChangedDelegationIsRefused) {
  EXPECT_THAT(Verify(Sign([&](v1::JobSignature& signature) {
                bounds_.add_kinds("script");
                bounds_.SerializeToString(
                    signature.mutable_delegation()->mutable_delegation());
              })),
              StatusIs(kRefused, HasSubstr("was changed since")));
}

// A later version may bound it by what this one does not know.
TEST_F(DelegatedJobTest, OneWithAnUnknownBoundIsRefused) {
  bounds_.GetReflection()->MutableUnknownFields(&bounds_)->AddVarint(99, 1);
  EXPECT_THAT(Verify(Sign()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("a feature that this version does not know")));
}

TEST_F(DelegatedJobTest, OneByAnAgentIsRefused) {
  const Credentials agent = fleet_.MakeAgent("web01");
  EXPECT_THAT(Verify(Sign([&](v1::JobSignature& signature) {
                signature.set_certificates(0, agent.certificates[0].ToDer());
                *signature.mutable_delegation() =
                    *SignDelegation(bounds_, agent.key);
              })),
              StatusIs(kRefused, HasSubstr("only an operator may sign jobs")));
}

TEST_F(DelegatedJobTest, OneByAnotherOperatorThanTheCertificatesIsRefused) {
  const Credentials bob = fleet_.MakeOperator("bob");
  EXPECT_THAT(Verify(Sign([&](v1::JobSignature& signature) {
                *signature.mutable_delegation() =
                    *SignDelegation(bounds_, bob.key);
              })),
              StatusIs(kRefused, HasSubstr("is not signed by the operator")));
}

TEST_F(DelegatedJobTest, AnExpiredOneIsRefused) {
  *bounds_.mutable_expires_at() = ToProto(kTestStart + absl::Minutes(10));
  *spec_.mutable_expires_at() = ToProto(kTestStart + absl::Minutes(10));
  TUTTI_EXPECT_OK(Verify(Sign()));
  clock_.Advance(absl::Minutes(16));
  EXPECT_EQ(Verify(Sign()).code(), kRefused);
  const auto opened = OpenDelegation(*SignDelegation(bounds_, alice_.key),
                                     alice_.certificates[0]);
  EXPECT_THAT(CheckDelegationTime(*opened, clock_.Now()),
              StatusIs(kRefused, HasSubstr("has ended")));
}

TEST_F(DelegatedJobTest, AJobThatOutlivesItIsRefused) {
  *bounds_.mutable_expires_at() = ToProto(kTestStart + absl::Minutes(59));
  EXPECT_THAT(Verify(Sign()),
              StatusIs(kRefused, HasSubstr("outside of the time")));
}

TEST_F(DelegatedJobTest, AnotherKindIsRefused) {
  bounds_.set_kinds(0, "query");
  EXPECT_THAT(Verify(Sign()), StatusIs(kRefused, AllOf(HasSubstr("query"),
                                                       HasSubstr("command"))));
}

TEST_F(DelegatedJobTest, AnotherTargetIsRefused) {
  bounds_.set_targets("web02");
  EXPECT_THAT(Verify(Sign()),
              StatusIs(kRefused, AllOf(HasSubstr("'web01' is not among"),
                                       HasSubstr("(web02)"))));
}

TEST_F(DelegatedJobTest, AnotherFleetIsRefused) {
  bounds_.set_fleet("prod");
  EXPECT_THAT(Verify(Sign()), StatusIs(kRefused, HasSubstr("'prod'")));
}

TEST_F(DelegatedJobTest, TheOperatorsOwnKeyIsNotItsKey) {
  EXPECT_THAT(
      Verify(Sign([&](v1::JobSignature& signature) {
        signature.set_signature(SignAnything(spec_.SerializeAsString(), alice_)
                                    .signatures(0)
                                    .signature());
      })),
      StatusIs(kRefused, HasSubstr("delegated to")));
}

// The bounds would be those of the innermost, which its holder chooses.
TEST_F(DelegatedJobTest, OneThatDelegatesIsRefused) {
  v1::SecretVariable& pass = *spec_.add_secrets();
  pass.set_name(std::string(kDelegationVariable));
  pass.set_digest(std::string(32, 'x'));
  EXPECT_THAT(Verify(Sign()),
              StatusIs(kRefused, HasSubstr("can not delegate")));
}

TEST_F(DelegatedJobTest, OnlyPlainNamesAreTargets) {
  for (const char* targets : {"", "web*", "all", "@web", "not web01"}) {
    bounds_.set_targets(targets);
    EXPECT_FALSE(SignDelegation(bounds_, alice_.key).ok()) << targets;
  }
}

TEST_F(DelegatedJobTest, ADayIsTheLongest) {
  *bounds_.mutable_expires_at() = ToProto(kTestStart + absl::Hours(24));
  TUTTI_EXPECT_OK(CheckDelegation(bounds_));
  *bounds_.mutable_expires_at() =
      ToProto(kTestStart + absl::Hours(24) + absl::Seconds(1));
  EXPECT_THAT(CheckDelegation(bounds_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1d")));
}

}  // namespace
}  // namespace tutti::runner
