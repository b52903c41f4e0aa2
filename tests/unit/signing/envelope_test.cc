#include "common/signing/envelope.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/unit/signing/test_fleet.h"

namespace tutti {
namespace {

using ::testing::HasSubstr;
using ::tutti::testing::IsOk;
using ::tutti::testing::kTestStart;
using ::tutti::testing::MakeSpec;
using ::tutti::testing::SignAnything;
using ::tutti::testing::StatusIs;
using ::tutti::testing::TestFleet;

class EnvelopeTest : public ::testing::Test {
 protected:
  absl::StatusOr<OpenedEnvelope> Open(const v1::Envelope& envelope) const {
    return OpenEnvelope(envelope.SerializeAsString(), trust_, kTestStart);
  }

  const TestFleet fleet_{"demo"};
  const TrustStore trust_ = fleet_.OperatorsTrust();
  const Credentials alice_ = fleet_.MakeOperator("alice");
  const v1::JobSpec spec_ = MakeSpec("demo", {"db", "web01", "web02"});
};

TEST_F(EnvelopeTest, OpensWhatAnOperatorSigned) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const v1::Envelope envelope,
                             SignSpec(spec_, alice_));
  TUTTI_ASSERT_OK_AND_ASSIGN(const OpenedEnvelope opened, Open(envelope));
  EXPECT_EQ(opened.spec.SerializeAsString(), spec_.SerializeAsString());
  EXPECT_EQ(opened.signer, (Identity{Role::kOperator, "demo", "alice"}));
}

// The format of signatures must not change under fleets that run.
TEST_F(EnvelopeTest, SignsTheDocumentedBytes) {
  EXPECT_THAT(Open(SignAnything(spec_.SerializeAsString(), alice_)), IsOk());
}

TEST_F(EnvelopeTest, RefusesToSignABadSpec) {
  v1::JobSpec spec = spec_;
  spec.clear_input();
  EXPECT_THAT(SignSpec(spec, alice_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("input")));
}

TEST_F(EnvelopeTest, RefusesToSignMoreThanFourMebibytes) {
  v1::JobSpec spec = spec_;
  spec.mutable_command()->add_arguments(std::string(kMaxSpecBytes, 'x'));
  EXPECT_THAT(
      SignSpec(spec, alice_),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("4.0 MiB")));
}

TEST_F(EnvelopeTest, RefusesToOpenMoreThanFourMebibytes) {
  v1::JobSpec spec = spec_;
  spec.mutable_command()->add_arguments(std::string(kMaxSpecBytes, 'x'));
  EXPECT_THAT(
      Open(SignAnything(spec.SerializeAsString(), alice_)),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("4.0 MiB")));
}

TEST_F(EnvelopeTest, RefusesASignedSpecThatBreaksTheRules) {
  v1::JobSpec spec = spec_;
  spec.clear_attempt();
  EXPECT_THAT(
      Open(SignAnything(spec.SerializeAsString(), alice_)),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("attempt")));
}

TEST_F(EnvelopeTest, RefusesAnythingThatIsNoEnvelope) {
  EXPECT_THAT(
      OpenEnvelope("\xff\xff\xff", trust_, kTestStart),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("parsed")));
}

TEST_F(EnvelopeTest, RefusesASignedSpecThatIsNone) {
  EXPECT_THAT(
      Open(SignAnything("\xff\xff\xff", alice_)),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("parsed")));
}

TEST_F(EnvelopeTest, RefusesNoSignatureAndTwo) {
  TUTTI_ASSERT_OK_AND_ASSIGN(v1::Envelope envelope, SignSpec(spec_, alice_));
  *envelope.add_signatures() = envelope.signatures(0);
  EXPECT_THAT(Open(envelope), StatusIs(absl::StatusCode::kPermissionDenied,
                                       HasSubstr("2 signatures")));
  envelope.clear_signatures();
  EXPECT_THAT(Open(envelope), StatusIs(absl::StatusCode::kPermissionDenied,
                                       HasSubstr("0 signatures")));
}

TEST_F(EnvelopeTest, RefusesASignatureWithoutCertificate) {
  TUTTI_ASSERT_OK_AND_ASSIGN(v1::Envelope envelope, SignSpec(spec_, alice_));
  envelope.mutable_signatures(0)->clear_certificates();
  EXPECT_THAT(Open(envelope), StatusIs(absl::StatusCode::kPermissionDenied,
                                       HasSubstr("certificate")));
}

TEST_F(EnvelopeTest, RefusesMoreThanEightCertificates) {
  TUTTI_ASSERT_OK_AND_ASSIGN(v1::Envelope envelope, SignSpec(spec_, alice_));
  v1::JobSignature& signature = *envelope.mutable_signatures(0);
  const std::string certificate = signature.certificates(0);
  while (signature.certificates_size() < 9) {
    signature.add_certificates(certificate);
  }
  EXPECT_THAT(Open(envelope), StatusIs(absl::StatusCode::kPermissionDenied,
                                       HasSubstr("9 certificates")));
}

// Somebody's certificate is public; only the key makes a signature.
TEST_F(EnvelopeTest, RefusesAnotherOperatorsCertificateOnASignature) {
  TUTTI_ASSERT_OK_AND_ASSIGN(v1::Envelope envelope, SignSpec(spec_, alice_));
  const Credentials bob = fleet_.MakeOperator("bob");
  envelope.mutable_signatures(0)->set_certificates(0,
                                                   bob.certificates[0].ToDer());
  EXPECT_THAT(Open(envelope), StatusIs(absl::StatusCode::kPermissionDenied,
                                       HasSubstr("'bob'")));
}

TEST_F(EnvelopeTest, RefusesAnExpiredCertificate) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const v1::Envelope envelope,
                             SignSpec(spec_, alice_));
  EXPECT_THAT(
      OpenEnvelope(envelope.SerializeAsString(), trust_,
                   kTestStart + absl::Hours(25)),
      StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("expired")));
}

TEST_F(EnvelopeTest, FindsEveryTargetAndNoOther) {
  const std::vector<std::string> names = {"db", "web01", "web02"};
  TUTTI_ASSERT_OK_AND_ASSIGN(const MerkleTree tree, MakeTargetTree(names));
  for (size_t i = 0; i < names.size(); ++i) {
    const v1::TargetProof proof = MakeTargetProof(tree, i);
    EXPECT_THAT(CheckTarget(spec_, names[i], proof), IsOk());
    EXPECT_THAT(
        CheckTarget(spec_, "web03", proof),
        StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("'web03'")));
  }
}

TEST_F(EnvelopeTest, RefusesADamagedProof) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const MerkleTree tree,
                             MakeTargetTree({"db", "web01", "web02"}));
  v1::TargetProof proof = MakeTargetProof(tree, 0);
  proof.mutable_hashes(0)->pop_back();
  EXPECT_FALSE(CheckTarget(spec_, "db", proof).ok());
  proof.clear_hashes();
  EXPECT_FALSE(CheckTarget(spec_, "db", proof).ok());
}

// If this fails, a controller can give a target other parameters than those
// that were signed, or none.
TEST_F(EnvelopeTest, ATargetHasJustItsOwnParameters) {
  const std::vector<std::string> names = {"db", "web01", "web02"};
  ParameterList list;
  for (const char* name : {"db", "web02"}) {
    v1::JobParameters& entry = *list.Add();
    entry.set_target(name);
    entry.set_parameters(fmt::format("of {}", name));
  }
  TUTTI_ASSERT_OK_AND_ASSIGN(const MerkleTree tree,
                             MakeTargetTree(names, list));
  v1::JobSpec spec = spec_;
  spec.set_targets_root(tree.root().data(), tree.root().size());
  EXPECT_THAT(CheckTarget(spec, "db", MakeTargetProof(tree, 0), "of db"),
              IsOk());
  EXPECT_THAT(CheckTarget(spec, "web01", MakeTargetProof(tree, 1)), IsOk());
  for (const char* other : {"", "of web02", "of d", "of db "}) {
    EXPECT_THAT(
        CheckTarget(spec, "db", MakeTargetProof(tree, 0), other),
        StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("parameters")))
        << other;
  }
  EXPECT_FALSE(
      CheckTarget(spec, "web01", MakeTargetProof(tree, 1), "of db").ok());
}

TEST(MakeTargetTreeTest, WantsNamesSortedAndUnique) {
  EXPECT_FALSE(MakeTargetTree({}).ok());
  EXPECT_THAT(MakeTargetTree({"a", "a"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("'a'")));
  EXPECT_FALSE(MakeTargetTree({"b", "a"}).ok());
  EXPECT_THAT(MakeTargetTree({"B", "a"}), IsOk());
}

class SignerChainsTest : public EnvelopeTest {
 protected:
  v1::JobSignature SignatureOf(const Credentials& signer) const {
    return SignSpec(spec_, signer)->signatures(0);
  }
  SignerChains chains_{fleet_.OperatorsTrust()};
};

// Every job of an operator would cost a chain verification.
TEST_F(SignerChainsTest, RemembersAChainThatHeld) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto first,
                             chains_.Verify(SignatureOf(alice_), kTestStart));
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto second,
                             chains_.Verify(SignatureOf(alice_), kTestStart));
  EXPECT_EQ(first, second);
  EXPECT_EQ(first->identity.name, "alice");
  EXPECT_EQ(chains_.size(), 1u);
}

// An expired certificate would be believed as long as the runner lives.
TEST_F(SignerChainsTest, ForgetsAChainThatExpires) {
  const Credentials brief = fleet_.MakeOperator("brief", absl::Minutes(10));
  EXPECT_THAT(chains_.Verify(SignatureOf(brief), kTestStart), IsOk());
  EXPECT_THAT(
      chains_.Verify(SignatureOf(brief), kTestStart + absl::Minutes(11)),
      StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("expired")));
  EXPECT_EQ(chains_.size(), 0u);
}

TEST_F(SignerChainsTest, VerifiesAgainAfterAnHourAndWhenTheClockWasSetBack) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto first,
                             chains_.Verify(SignatureOf(alice_), kTestStart));
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const auto later,
      chains_.Verify(SignatureOf(alice_), kTestStart + absl::Hours(2)));
  EXPECT_NE(first, later);
  EXPECT_THAT(
      chains_.Verify(SignatureOf(alice_), kTestStart - absl::Hours(1)),
      StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("valid")));
}

TEST_F(SignerChainsTest, RemembersNothingThatDidNotHold) {
  EXPECT_FALSE(
      chains_.Verify(SignatureOf(fleet_.ForgeOperator("alice")), kTestStart)
          .ok());
  EXPECT_EQ(chains_.size(), 0u);
}

TEST_F(SignerChainsTest, IsBounded) {
  for (int i = 0; i < 70; ++i) {
    EXPECT_THAT(
        chains_.Verify(SignatureOf(fleet_.MakeOperator(fmt::format("o{}", i))),
                       kTestStart),
        IsOk());
  }
  EXPECT_EQ(chains_.size(), 64u);
}

}  // namespace
}  // namespace tutti
