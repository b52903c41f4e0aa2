// A fleet's authorities and signed jobs, made in memory.
#ifndef TESTS_UNIT_SIGNING_TEST_FLEET_H_
#define TESTS_UNIT_SIGNING_TEST_FLEET_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/identity/authority.h"
#include "common/identity/identity_directory.h"
#include "common/identity/trust_store.h"
#include "common/signing/envelope.h"

namespace tutti::testing {

// Where FakeClock begins.
inline constexpr absl::Time kTestStart = absl::FromUnixSeconds(1'767'225'600);

// Aborts when OpenSSL fails, which is no test's subject.
class TestFleet {
 public:
  explicit TestFleet(std::string name);

  // Certificate and key of an operator or agent, valid for `life`.
  Credentials MakeOperator(std::string_view name,
                           absl::Duration life = absl::Hours(24)) const;
  Credentials MakeAgent(std::string_view name) const;
  // What an agents' authority that turned bad can make: its certificate over
  // an operator's name.
  Credentials ForgeOperator(std::string_view name) const;

  TrustStore OperatorsTrust() const;
  // Certificate of the operators' authority.
  std::string OperatorsPem() const;
  // Both authorities believed, so that only name constraints tell them apart.
  TrustStore MixedTrust() const;

  const std::string& name() const { return name_; }

 private:
  std::string name_;
  Authority operators_;
  Authority agents_;
};

// A spec that CheckSpec accepts: /bin/true on `targets`, issued at kTestStart
// and valid for an hour.
v1::JobSpec MakeSpec(std::string_view fleet,
                     const std::vector<std::string>& targets);

// Signs without CheckSpec, as a program with other rules would.
v1::Envelope SignAnything(std::string_view spec_bytes,
                          const Credentials& signer);

}  // namespace tutti::testing

#endif  // TESTS_UNIT_SIGNING_TEST_FLEET_H_
