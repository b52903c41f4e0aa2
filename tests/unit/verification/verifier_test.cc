// What a runner must refuse, one test each. Where one of them breaks, somebody
// who is no operator of the fleet can start a process on its targets.
#include "agent/runner/verification/verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/uuid.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/signing/test_fleet.h"

namespace tutti::runner {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::tutti::testing::FakeClock;
using ::tutti::testing::IsOk;
using ::tutti::testing::MakeSpec;
using ::tutti::testing::SignAnything;
using ::tutti::testing::StatusIs;
using ::tutti::testing::TestFleet;

constexpr auto kDenied = absl::StatusCode::kPermissionDenied;

class VerifierTest : public ::testing::Test {
 protected:
  VerifierTest() { spec_.set_user("deploy"); }

  static Verifier::Options ThisTarget(std::string fleet = "demo") {
    Verifier::Options options;
    options.fleet = std::move(fleet);
    options.target = "web01";
    return options;
  }

  v1::AttemptKey KeyOf(const v1::JobSpec& spec) const {
    v1::AttemptKey key;
    key.set_job_uuid(spec.job_uuid());
    key.set_attempt(spec.attempt());
    key.set_target("web01");
    return key;
  }

  v1::TargetProof ProofOf(std::string_view target) const {
    const auto at = std::find(names_.begin(), names_.end(), target);
    return MakeTargetProof(*MakeTargetTree(names_),
                           static_cast<uint64_t>(at - names_.begin()));
  }

  absl::StatusOr<VerifiedAttempt> Verify(const v1::Envelope& envelope) {
    return verifier_.Verify(envelope.SerializeAsString(), ProofOf("web01"),
                            KeyOf(spec_));
  }

  // The envelope with other content under the old signature.
  v1::Envelope Replaced(const v1::JobSpec& spec) const {
    v1::Envelope envelope = *SignSpec(spec_, alice_);
    envelope.set_spec(spec.SerializeAsString());
    return envelope;
  }

  const std::vector<std::string> names_ = {"db", "web01", "web02"};
  const TestFleet fleet_{"demo"};
  const Credentials alice_ = fleet_.MakeOperator("alice");
  v1::JobSpec spec_ = MakeSpec("demo", names_);
  FakeClock clock_;
  const AllowEveryOperator policy_;
  Verifier verifier_{ThisTarget(), fleet_.OperatorsTrust(), clock_, policy_};
};

TEST_F(VerifierTest, AcceptsWhatAnOperatorSignedForThisTarget) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const VerifiedAttempt attempt,
                             Verify(*SignSpec(spec_, alice_)));
  EXPECT_EQ(attempt.spec.command().arguments(0), "/bin/true");
  EXPECT_EQ(attempt.signer, (Identity{Role::kOperator, "demo", "alice"}));
  EXPECT_EQ(attempt.valid_until, ToTime(spec_.expires_at()) + absl::Minutes(5));
}

TEST_F(VerifierTest, RefusesAChangedProgram) {
  v1::JobSpec spec = spec_;
  spec.mutable_command()->set_arguments(0, "/bin/false");
  EXPECT_THAT(Verify(Replaced(spec)),
              StatusIs(kDenied, HasSubstr("changed after it was signed")));
}

TEST_F(VerifierTest, RefusesAChangedUser) {
  v1::JobSpec spec = spec_;
  spec.set_user("root");
  EXPECT_THAT(Verify(Replaced(spec)),
              StatusIs(kDenied, HasSubstr("changed after it was signed")));
}

TEST_F(VerifierTest, RefusesWhenTheTargetIsNotInTheTree) {
  spec_ = MakeSpec("demo", {"db", "web02"});
  EXPECT_THAT(
      Verify(*SignSpec(spec_, alice_)),
      StatusIs(kDenied, AllOf(HasSubstr("'web01'"), HasSubstr("2 targets"))));
}

// A proof is good for its own target alone.
TEST_F(VerifierTest, RefusesTheProofOfAnotherTarget) {
  EXPECT_THAT(verifier_.Verify(SignSpec(spec_, alice_)->SerializeAsString(),
                               ProofOf("web02"), KeyOf(spec_)),
              StatusIs(kDenied, HasSubstr("'web01' is not among")));
}

class ParameterTest : public VerifierTest {
 protected:
  ParameterTest() {
    for (const std::string& name : names_) {
      v1::TargetParameters parameters;
      v1::EnvironmentVariable& variable = *parameters.add_variables();
      variable.set_name("PORT");
      variable.set_value("8080 of " + name);
      v1::JobParameters& entry = *list_.Add();
      entry.set_target(name);
      entry.set_parameters(parameters.SerializeAsString());
    }
    const MerkleTree tree = *MakeTargetTree(names_, list_);
    spec_.set_targets_root(tree.root().data(), tree.root().size());
    proof_ = MakeTargetProof(tree, 1);
  }
  absl::StatusOr<VerifiedAttempt> Verify(std::string_view parameters) {
    return verifier_.Verify(SignSpec(spec_, alice_)->SerializeAsString(),
                            proof_, KeyOf(spec_), parameters);
  }

  ParameterList list_;
  v1::TargetProof proof_;
};

TEST_F(ParameterTest, ThoseThatWereSignedAreAddedToTheEnvironment) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const VerifiedAttempt attempt,
                             Verify(ParametersOf(list_, "web01")));
  EXPECT_THAT(attempt.variables,
              ElementsAre(Pair("TUTTI_PARAM_PORT", "8080 of web01")));
}

TEST_F(ParameterTest, RefusesChangedDroppedAndSwappedOnes) {
  std::string changed(ParametersOf(list_, "web01"));
  changed.back() = 'x';
  for (const std::string& other :
       {changed, std::string(), std::string(ParametersOf(list_, "web02"))}) {
    EXPECT_THAT(Verify(other), StatusIs(kDenied, HasSubstr("parameters")));
  }
  spec_ = MakeSpec("demo", names_);
  proof_ = ProofOf("web01");
  EXPECT_THAT(Verify(ParametersOf(list_, "web01")),
              StatusIs(kDenied, HasSubstr("parameters")));
}

TEST_F(VerifierTest, RefusesSecretsThatWereNotSignedFor) {
  SecretList secrets;
  *secrets.Add() = MakeSecret("TOKEN", "hunter2").value();
  *spec_.add_secrets() = ToVariable(secrets[0]);
  const std::string envelope = SignSpec(spec_, alice_)->SerializeAsString();
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const VerifiedAttempt attempt,
      verifier_.Verify(envelope, ProofOf("web01"), KeyOf(spec_), "", secrets));
  EXPECT_THAT(attempt.secrets, ElementsAre(Pair("TOKEN", "hunter2")));
  EXPECT_THAT(verifier_.Verify(envelope, ProofOf("web01"), KeyOf(spec_)),
              StatusIs(kDenied, HasSubstr("'TOKEN' did not come along")));
  secrets[0].set_value("hunter3");
  EXPECT_THAT(
      verifier_.Verify(envelope, ProofOf("web01"), KeyOf(spec_), "", secrets),
      StatusIs(kDenied, HasSubstr("not the one that was signed for")));
}

TEST_F(VerifierTest, RefusesAnExpiredJob) {
  const v1::Envelope envelope = *SignSpec(spec_, alice_);
  clock_.Advance(absl::Minutes(65));
  EXPECT_THAT(Verify(envelope), IsOk());
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Verify(envelope), StatusIs(kDenied, HasSubstr("expired")));
}

TEST_F(VerifierTest, RefusesAJobFromTheFutureAndSaysHowFarTheClocksAreApart) {
  *spec_.mutable_issued_at() = ToProto(clock_.Now() + absl::Minutes(5));
  EXPECT_THAT(Verify(*SignSpec(spec_, alice_)), IsOk());
  *spec_.mutable_issued_at() = ToProto(clock_.Now() + absl::Minutes(9));
  EXPECT_THAT(Verify(*SignSpec(spec_, alice_)),
              StatusIs(kDenied, HasSubstr("9m")));
}

TEST_F(VerifierTest, RefusesAJobOfAnotherFleet) {
  // The same authority is believed, so that only the fleet differs.
  Verifier elsewhere(ThisTarget("prod"), fleet_.OperatorsTrust(), clock_,
                     policy_);
  EXPECT_THAT(
      elsewhere.Verify(SignSpec(spec_, alice_)->SerializeAsString(),
                       ProofOf("web01"), KeyOf(spec_)),
      StatusIs(kDenied, AllOf(HasSubstr("'demo'"), HasSubstr("'prod'"))));
}

TEST_F(VerifierTest, RefusesAJobForThisFleetSignedByAnOperatorOfAnother) {
  const TestFleet other("prod");
  // Believed here by mistake: the fleet in the name still tells.
  Verifier careless(ThisTarget(), other.OperatorsTrust(), clock_, policy_);
  EXPECT_THAT(
      careless.Verify(
          SignSpec(spec_, other.MakeOperator("mallory"))->SerializeAsString(),
          ProofOf("web01"), KeyOf(spec_)),
      StatusIs(kDenied, AllOf(HasSubstr("'demo'"), HasSubstr("'prod'"))));
}

TEST_F(VerifierTest, RefusesAnUnknownAuthority) {
  const TestFleet impostor("demo");
  EXPECT_THAT(Verify(*SignSpec(spec_, impostor.MakeOperator("alice"))),
              StatusIs(kDenied, HasSubstr("unknown authority")));
}

TEST_F(VerifierTest, RefusesWhatAnAgentsKeySigned) {
  EXPECT_THAT(Verify(*SignSpec(spec_, fleet_.MakeAgent("web01"))),
              StatusIs(kDenied, AllOf(HasSubstr("agent 'web01'"),
                                      HasSubstr("only an operator"))));
}

TEST_F(VerifierTest, RefusesAnOperatorsNameFromTheAgentsAuthority) {
  const v1::Envelope envelope =
      SignAnything(spec_.SerializeAsString(), fleet_.ForgeOperator("alice"));
  EXPECT_THAT(Verify(envelope),
              StatusIs(kDenied, HasSubstr("unknown authority")));
  // Were both authorities believed, the name constraint would still tell.
  Verifier careless(ThisTarget(), fleet_.MixedTrust(), clock_, policy_);
  EXPECT_THAT(careless.Verify(envelope.SerializeAsString(), ProofOf("web01"),
                              KeyOf(spec_)),
              StatusIs(kDenied, HasSubstr("another trust domain")));
}

// The ledger would take one signature for two attempts, and run it twice.
TEST_F(VerifierTest, RefusesAnAttemptThatDoesNotMatchTheKey) {
  const std::string envelope = SignSpec(spec_, alice_)->SerializeAsString();
  v1::AttemptKey key = KeyOf(spec_);
  key.set_attempt(2);
  EXPECT_THAT(verifier_.Verify(envelope, ProofOf("web01"), key),
              StatusIs(kDenied, HasSubstr("attempt 2")));
  key = KeyOf(spec_);
  key.set_job_uuid(std::string(Uuid::Generate(clock_.Now()).bytes()));
  EXPECT_THAT(verifier_.Verify(envelope, ProofOf("web01"), key),
              StatusIs(kDenied, HasSubstr("another job")));
}

// What was signed for one target would run on whichever is asked.
TEST_F(VerifierTest, RefusesAKeyOfAnotherTarget) {
  v1::AttemptKey key = KeyOf(spec_);
  key.set_target("web02");
  EXPECT_THAT(
      verifier_.Verify(SignSpec(spec_, alice_)->SerializeAsString(),
                       ProofOf("web02"), key),
      StatusIs(kDenied, AllOf(HasSubstr("'web02'"), HasSubstr("'web01'"))));
}

TEST_F(VerifierTest, StandsForManyTargetsWhenToldTo) {
  Verifier::Options options;
  options.fleet = "demo";
  options.stands_for = [](std::string_view name) {
    return name.substr(0, 3) == "web";
  };
  Verifier verifier(std::move(options), fleet_.OperatorsTrust(), clock_,
                    policy_);
  const std::string envelope = SignSpec(spec_, alice_)->SerializeAsString();
  v1::AttemptKey key = KeyOf(spec_);
  key.set_target("web02");
  EXPECT_THAT(verifier.Verify(envelope, ProofOf("web02"), key), IsOk());
  key.set_target("db");
  EXPECT_FALSE(verifier.Verify(envelope, ProofOf("db"), key).ok());
}

// A later version's rule (input that it would check) is none that this
// version may ignore.
TEST_F(VerifierTest, RefusesAnInputRuleThatItDoesNotKnow) {
  v1::InputRule& rule = *spec_.mutable_input();
  rule.Clear();
  rule.GetReflection()->MutableUnknownFields(&rule)->AddLengthDelimited(100,
                                                                        "");
  EXPECT_THAT(
      Verify(SignAnything(spec_.SerializeAsString(), alice_)),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("InputRule")));
}

class NoRootForBob final : public Policy {
 public:
  absl::Status Check(const Identity& signer, const v1::JobSpec& spec,
                     std::string_view target) const override {
    if (signer.name != "bob" || spec.user() != "root") {
      return absl::OkStatus();
    }
    return PermissionDenied("bob may not be root on {}", target);
  }
};

// The target's own policy would have no say.
TEST_F(VerifierTest, AsksThePolicyAboutSignerSpecAndTarget) {
  const NoRootForBob policy;
  Verifier verifier(ThisTarget(), fleet_.OperatorsTrust(), clock_, policy);
  spec_.set_user("root");
  const auto verify = [&](const Credentials& signer) {
    return verifier.Verify(SignSpec(spec_, signer)->SerializeAsString(),
                           ProofOf("web01"), KeyOf(spec_));
  };
  EXPECT_THAT(verify(alice_), IsOk());
  EXPECT_THAT(verify(fleet_.MakeOperator("bob")),
              StatusIs(kDenied, "bob may not be root on web01"));
}

TEST_F(VerifierTest, ChecksTheSignatureOfEveryJobOfARememberedSigner) {
  EXPECT_THAT(Verify(*SignSpec(spec_, alice_)), IsOk());
  v1::JobSpec spec = spec_;
  spec.set_user("root");
  EXPECT_THAT(Verify(Replaced(spec)),
              StatusIs(kDenied, HasSubstr("changed after it was signed")));
}

TEST_F(VerifierTest, RefusesBytesThatAreNoEnvelope) {
  EXPECT_FALSE(verifier_.Verify("", ProofOf("web01"), KeyOf(spec_)).ok());
  EXPECT_FALSE(
      verifier_.Verify("\xff\xff", ProofOf("web01"), KeyOf(spec_)).ok());
}

}  // namespace
}  // namespace tutti::runner
