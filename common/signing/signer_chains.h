// Who signs, and whether they are believed.
#ifndef COMMON_SIGNING_SIGNER_CHAINS_H_
#define COMMON_SIGNING_SIGNER_CHAINS_H_

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/identity/certificate.h"
#include "common/identity/identity.h"
#include "common/identity/trust_store.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti {

// A signer whose certificate chain holds.
struct Signer {
  Certificate certificate;
  Identity identity;
};

// PERMISSION_DENIED unless the signature carries an operator's certificate
// that leads to one of `operators` at `now`. Does not check the signature
// itself. `certificates` are DER, own certificate first.
absl::StatusOr<Signer> VerifySigner(const v1::JobSignature& signature,
                                    const TrustStore& operators,
                                    absl::Time now);

// The same, remembering the chains that held, so that the next job of the same
// operator costs no chain verification. Bounded; a chain is verified again
// after an hour, or once one of its certificates has expired. Thread-safe.
class SignerChains {
 public:
  explicit SignerChains(TrustStore operators);

  // The signer is shared because another thread may push it out of the cache
  // while this one still uses it.
  absl::StatusOr<std::shared_ptr<const Signer>> Verify(
      const v1::JobSignature& signature, absl::Time now);

  size_t size() const;

 private:
  struct Entry {
    std::string digest;
    std::shared_ptr<const Signer> signer;
    // Times between which the verification counts.
    absl::Time verified_at;
    absl::Time until;
  };

  const TrustStore operators_;
  mutable Mutex mutex_;
  // Most recently used first.
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::list<Entry>::iterator> by_digest_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace tutti

#endif  // COMMON_SIGNING_SIGNER_CHAINS_H_
