// Checking certificates against authorities.
#ifndef COMMON_IDENTITY_TRUST_STORE_H_
#define COMMON_IDENTITY_TRUST_STORE_H_

#include <openssl/x509.h>

#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/identity/certificate.h"
#include "common/identity/identity.h"

namespace tutti {

// The authorities that are believed. Immutable; thread-safe.
class TrustStore {
 public:
  // One or more authorities, PEM.
  static absl::StatusOr<TrustStore> FromPem(std::string_view pem);

  // Identity of `leaf` if a chain over `intermediates` to an authority holds
  // at `time`, name constraints included. PERMISSION_DENIED with the reason
  // otherwise; the text tells an expired certificate, one that is not valid
  // yet and one of an unknown authority apart.
  absl::StatusOr<Identity> Verify(const Certificate& leaf,
                                  const std::vector<Certificate>& intermediates,
                                  absl::Time time) const;

 private:
  struct StoreDeleter {
    void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  };
  std::unique_ptr<X509_STORE, StoreDeleter> store_;
};

}  // namespace tutti

#endif  // COMMON_IDENTITY_TRUST_STORE_H_
