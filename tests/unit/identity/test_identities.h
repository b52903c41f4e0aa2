// Certificates of tests, right ones and wrong ones.
#ifndef TESTS_UNIT_IDENTITY_TEST_IDENTITIES_H_
#define TESTS_UNIT_IDENTITY_TEST_IDENTITIES_H_

#include <string>

#include "absl/time/time.h"
#include "common/identity/authority.h"
#include "common/identity/identity.h"
#include "common/identity/identity_directory.h"

namespace tutti::testing {

// Aborts on failure, as all of these.
Authority MakeAuthority(Role role, const std::string& fleet, absl::Time now,
                        absl::Duration life = absl::Hours(24 * 365));

// A key, and a certificate that `authority` issues for it as it should.
Credentials MakeCredentials(const Authority& authority,
                            const Identity& identity, absl::Time now,
                            absl::Duration life = absl::Hours(24));

// The same without the checks of Authority::Issue: whatever an authority whose
// key was stolen could sign. `alternative_names` in the notation of
// x509v3_config(5): "URI:spiffe://...,URI:...".
Credentials Forge(const Authority& authority,
                  const std::string& alternative_names, absl::Time not_before,
                  absl::Time not_after);

}  // namespace tutti::testing

#endif  // TESTS_UNIT_IDENTITY_TEST_IDENTITIES_H_
