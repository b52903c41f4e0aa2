#include "controller/rpc/job_verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/base/duration.h"
#include "common/base/uuid.h"
#include "common/identity/authority.h"
#include "common/identity/sha256.h"
#include "common/signing/delegation.h"
#include "common/targets/node_set.h"
#include "tests/support/status_matchers.h"

namespace tutti::controller {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::tutti::testing::StatusIs;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

Credentials MakeOperator(const Authority& authority, const std::string& name) {
  PrivateKey key = PrivateKey::Generate().value();
  std::vector<Certificate> certificates;
  certificates.push_back(authority
                             .Issue(key.MakeSigningRequest().value(),
                                    Identity{Role::kOperator, "demo", name},
                                    kNow, absl::Hours(24))
                             .value());
  return {std::move(certificates), std::move(key)};
}

JobCaller By(const std::string& name) {
  return {{Role::kOperator, "demo", name}, "not looked at"};
}

class JobVerifierTest : public ::testing::Test {
 protected:
  v1::JobSpec MakeSpec(const std::string& targets) {
    v1::JobSpec spec;
    spec.set_fleet("demo");
    spec.set_job_uuid(std::string(Uuid::Generate(kNow).bytes()));
    spec.set_attempt(1);
    spec.mutable_command()->add_arguments("true");
    *spec.mutable_issued_at() = ToProto(kNow);
    *spec.mutable_expires_at() = ToProto(kNow + absl::Hours(1));
    spec.set_target_expression(targets);
    spec.mutable_input()->mutable_none();
    const std::vector<std::string> names = ExpandNames(targets).value();
    const MerkleTree tree = MakeTargetTree(names).value();
    spec.set_target_count(names.size());
    spec.set_targets_root(tree.root().data(), tree.root().size());
    return spec;
  }

  v1::StartJobRequest MakeRequest(const v1::JobSpec& spec,
                                  const std::string& targets) {
    v1::StartJobRequest request;
    request.set_envelope(SignSpec(spec, alice_).value().SerializeAsString());
    request.set_targets(targets);
    request.set_offline(v1::OFFLINE_POLICY_FAIL);
    request.set_name("nightly");
    return request;
  }

  const Authority authority_ =
      Authority::Create(Role::kOperator, "demo", kNow, absl::Hours(24 * 365))
          .value();
  const Credentials alice_ = MakeOperator(authority_, "alice");
  const JobVerifier verifier_{
      "demo", TrustStore::FromPem(authority_.certificate().ToPem()).value()};
};

TEST_F(JobVerifierTest, AGoodJobIsPrepared) {
  const v1::JobSpec spec = MakeSpec("web[01-20],db");
  const v1::StartJobRequest request = MakeRequest(spec, "web[01-20],db");
  TUTTI_ASSERT_OK_AND_ASSIGN(const PreparedJob job,
                             verifier_.Verify(request, By("alice"), kNow));
  EXPECT_EQ(*job.envelope, request.envelope());
  EXPECT_EQ(job.opened.signer.name, "alice");
  EXPECT_EQ(job.operator_name, "alice");
  EXPECT_EQ(job.targets.size(), 21u);
  EXPECT_EQ(job.targets.front(), "db");
  EXPECT_EQ(job.tree->leaf_count(), 21u);
  EXPECT_EQ(job.request.name(), "nightly");
  EXPECT_TRUE(job.request.envelope().empty());
}

// Otherwise whoever finds an envelope could play it again under his own name.
TEST_F(JobVerifierTest, OnlyTheSignerMayBringIt) {
  const v1::StartJobRequest request = MakeRequest(MakeSpec("web01"), "web01");
  EXPECT_THAT(verifier_.Verify(request, By("mallory"), kNow),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       AllOf(HasSubstr("alice"), HasSubstr("mallory"))));
}

// The controller could otherwise be made to journal, and show, another list
// than the one that its runners accept.
TEST_F(JobVerifierTest, AnotherListThanTheSignedOneIsRefused) {
  const v1::JobSpec spec = MakeSpec("web[01-03]");
  for (const char* targets : {"web[01-02]", "web[01-04]", "web[02-04]"}) {
    EXPECT_THAT(verifier_.Verify(MakeRequest(spec, targets), By("alice"), kNow),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("that was signed")))
        << targets;
  }
}

TEST_F(JobVerifierTest, OtherParametersThanTheSignedOnesAreRefused) {
  v1::StartJobRequest request = MakeRequest(MakeSpec("web01"), "web01");
  v1::JobParameters& entry = *request.add_parameters();
  entry.set_target("web01");
  EXPECT_TRUE(verifier_.Verify(request, By("alice"), kNow).ok());
  v1::TargetParameters parameters;
  parameters.add_variables()->set_name("PORT");
  entry.set_parameters(parameters.SerializeAsString());
  EXPECT_THAT(verifier_.Verify(request, By("alice"), kNow),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("parameters are others")));
}

TEST_F(JobVerifierTest, AnExpiredJobIsRefused) {
  const v1::StartJobRequest request = MakeRequest(MakeSpec("web01"), "web01");
  EXPECT_FALSE(
      verifier_.Verify(request, By("alice"), kNow + absl::Hours(2)).ok());
}

TEST_F(JobVerifierTest, AnotherFleetsJobIsRefused) {
  const JobVerifier other(
      "prod", TrustStore::FromPem(authority_.certificate().ToPem()).value());
  EXPECT_THAT(
      other.Verify(MakeRequest(MakeSpec("web01"), "web01"), By("alice"), kNow),
      StatusIs(absl::StatusCode::kPermissionDenied,
               AllOf(HasSubstr("demo"), HasSubstr("prod"))));
}

TEST_F(JobVerifierTest, APolicyForOfflineTargetsMustBeChosen) {
  v1::StartJobRequest request = MakeRequest(MakeSpec("web01"), "web01");
  request.clear_offline();
  EXPECT_THAT(
      verifier_.Verify(request, By("alice"), kNow),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("offline")));
}

class DelegateTest : public JobVerifierTest {
 protected:
  DelegateTest() {
    bounds_.set_fleet("demo");
    bounds_.set_job_uuid(std::string(job_.bytes()));
    bounds_.set_public_key(key_.PublicKeyDer());
    bounds_.set_targets("web[01-02]");
    bounds_.add_kinds("command");
    *bounds_.mutable_issued_at() = ToProto(kNow);
    *bounds_.mutable_expires_at() = ToProto(kNow + absl::Hours(1));
  }

  v1::StartJobRequest MakeDelegated(const std::string& targets) {
    const v1::SignedDelegation delegation =
        SignDelegation(bounds_, alice_.key).value();
    v1::StartJobRequest request;
    request.set_envelope(
        SignSpec(MakeSpec(targets),
                 JobSigner(key_, alice_.certificates, &delegation))
            .value()
            .SerializeAsString());
    request.set_targets(targets);
    request.set_offline(v1::OFFLINE_POLICY_FAIL);
    return request;
  }

  JobCaller Delegate() const {
    return {{Role::kDelegate, "demo", "alice", job_},
            Sha256(key_.PublicKeyDer())};
  }

  const Uuid job_ = Uuid::Generate(kNow);
  const PrivateKey key_ = PrivateKey::Generate().value();
  v1::Delegation bounds_;
};

TEST_F(DelegateTest, ItBringsWhatItsOwnDelegationAllows) {
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const PreparedJob job,
      verifier_.Verify(MakeDelegated("web01"), Delegate(), kNow));
  EXPECT_EQ(job.operator_name, "alice");
  EXPECT_EQ(job.opened.delegation->job, job_);
  EXPECT_THAT(verifier_.Verify(MakeDelegated("web[02-03]"), Delegate(), kNow),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("'web03' is not among")));
}

// Each of them would be somebody else's bounds.
TEST_F(DelegateTest, AnotherJobsKeysAndNamesAreRefused) {
  JobCaller other_job = Delegate();
  other_job.identity.job = Uuid::Generate(kNow);
  JobCaller other_key = Delegate();
  other_key.key_fingerprint = std::string(32, 'x');
  JobCaller other_name = Delegate();
  other_name.identity.name = "bob";
  for (const JobCaller& caller : {other_job, other_key, other_name}) {
    EXPECT_EQ(
        verifier_.Verify(MakeDelegated("web01"), caller, kNow).status().code(),
        absl::StatusCode::kPermissionDenied);
  }
}

TEST_F(DelegateTest, OperatorsAndDelegatesEachSignTheirOwnWay) {
  EXPECT_THAT(verifier_.Verify(MakeDelegated("web01"), By("alice"), kNow),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("through a delegation")));
  EXPECT_THAT(verifier_.Verify(MakeRequest(MakeSpec("web01"), "web01"),
                               Delegate(), kNow),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("not signed through the delegation")));
}

// SIGHUP after the operators' authority was replaced.
TEST_F(JobVerifierTest, ANewAuthorityCounts) {
  const Authority other =
      Authority::Create(Role::kOperator, "demo", kNow, absl::Hours(24)).value();
  JobVerifier verifier(
      "demo", TrustStore::FromPem(other.certificate().ToPem()).value());
  const v1::StartJobRequest request = MakeRequest(MakeSpec("web01"), "web01");
  EXPECT_FALSE(verifier.Verify(request, By("alice"), kNow).ok());
  verifier.SetOperators(
      TrustStore::FromPem(authority_.certificate().ToPem()).value());
  TUTTI_EXPECT_OK(verifier.Verify(request, By("alice"), kNow));
}

}  // namespace
}  // namespace tutti::controller
