// Envelopes come to the runner, which is root, from a network side that may be
// in an attacker's hands.
#include <google/protobuf/stubs/logging.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/identity/key.h"
#include "common/signing/delegation.h"
#include "common/signing/envelope.h"
#include "common/signing/input_verifier.h"
#include "tests/fuzz/expectation.h"
#include "tests/unit/signing/test_fleet.h"

namespace tutti::testing {
namespace {

// Made once: keys and certificates are no part of the input.
struct Signing {
  const TestFleet fleet{"demo"};
  const Credentials alice = fleet.MakeOperator("alice");
  const TrustStore trust = fleet.OperatorsTrust();
  const PrivateKey input_key = *PrivateKey::Generate();
  const v1::JobSpec spec = MakeSpec("demo", {"db", "web01", "web02"});
  // Protobuf writes a line about every text that is not UTF-8.
  const google::protobuf::LogSilencer silencer;
};

const Signing& TheSigning() {
  static const Signing& signing = *new Signing;
  return signing;
}

// The whole envelope is the attacker's: nothing may be opened.
void TestForged(std::string_view bytes) {
  Expect(!OpenEnvelope(bytes, TheSigning().trust, kTestStart).ok(),
         "nothing opens without an operator's signature");
}

// A good signature over anything: CheckSpec decides.
void TestSigned(std::string_view spec_bytes) {
  const v1::Envelope envelope = SignAnything(spec_bytes, TheSigning().alice);
  const absl::StatusOr<OpenedEnvelope> opened = OpenEnvelope(
      envelope.SerializeAsString(), TheSigning().trust, kTestStart);
  if (!opened.ok()) return;
  Expect(CheckSpec(opened->spec).ok(), "what opens keeps the rules");
  CheckSpecTime(opened->spec, kTestStart).IgnoreError();
  v1::TargetProof proof;
  proof.ParseFromArray(spec_bytes.data(), static_cast<int>(spec_bytes.size()));
  CheckTarget(opened->spec, "web01", proof).IgnoreError();
}

// A good job with a certificate of the attacker's making.
void TestCertificate(std::string_view der) {
  v1::Envelope envelope =
      SignAnything(TheSigning().spec.SerializeAsString(), TheSigning().alice);
  envelope.mutable_signatures(0)->set_certificates(0, std::string(der));
  Expect(!OpenEnvelope(envelope.SerializeAsString(), TheSigning().trust,
                       kTestStart)
              .ok(),
         "nothing opens with another certificate");
}

// A delegation of the attacker's making, with the job signed by the key that it
// was meant for, and one that the operator did sign: its bounds decide.
void TestDelegation(std::string_view bytes) {
  v1::Envelope envelope =
      SignAnything(TheSigning().spec.SerializeAsString(), TheSigning().alice);
  v1::SignedDelegation& delegation =
      *envelope.mutable_signatures(0)->mutable_delegation();
  if (!delegation.ParseFromArray(bytes.data(),
                                 static_cast<int>(bytes.size()))) {
    return;
  }
  Expect(!OpenEnvelope(envelope.SerializeAsString(), TheSigning().trust,
                       kTestStart)
              .ok(),
         "nothing opens with a delegation that no operator signed");
  v1::Delegation bounds;
  if (!bounds.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return;
  }
  const auto names = CheckDelegation(bounds);
  if (!names.ok()) return;
  const auto signed_one = SignDelegation(bounds, TheSigning().alice.key);
  const auto opened =
      OpenDelegation(*signed_one, TheSigning().alice.certificates[0]);
  Expect(opened.ok() && opened->targets == *names, "what is signed opens");
  CheckDelegatedSpec(*opened, TheSigning().spec).IgnoreError();
}

// Input of the attacker's making.
void TestInput(std::string_view bytes) {
  v1::AttemptKey key;
  key.set_attempt(1);
  absl::StatusOr<InputVerifier> verifier = InputVerifier::Create(
      TheSigning().input_key.PublicKeyDer(), key, /*has_terminal=*/true, {});
  Expect(!verifier->Check(bytes).ok(), "no input is taken but the operator's");
}

// A proof of the attacker's making.
void TestProof(std::string_view bytes) {
  v1::TargetProof proof;
  if (!proof.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return;
  }
  Expect(!CheckTarget(TheSigning().spec, "stranger", proof).ok(),
         "no proof is good for a target that was not signed");
}

}  // namespace
}  // namespace tutti::testing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1,
                              size - 1);
  // The first byte says which part the rest stands for.
  switch (data[0]) {
    case 'e':
      tutti::testing::TestForged(rest);
      return 0;
    case 's':
      tutti::testing::TestSigned(rest);
      return 0;
    case 'c':
      tutti::testing::TestCertificate(rest);
      return 0;
    case 'd':
      tutti::testing::TestDelegation(rest);
      return 0;
    case 'i':
      tutti::testing::TestInput(rest);
      return 0;
    case 'p':
      tutti::testing::TestProof(rest);
      return 0;
    default:
      return -1;  // keep it out of the corpus
  }
}
