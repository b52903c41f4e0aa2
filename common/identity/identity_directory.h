// A program's own certificate and key on disk.
#ifndef COMMON_IDENTITY_IDENTITY_DIRECTORY_H_
#define COMMON_IDENTITY_IDENTITY_DIRECTORY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/identity/certificate.h"
#include "common/identity/key.h"

namespace tutti {

// Certificate chain (own first) and its key.
struct Credentials {
  std::vector<Certificate> certificates;
  PrivateKey key;

  std::string CertificatesPem() const;
};

// A folder DIR/current/{certificate.pem,key.pem}, where `current` is a
// symbolic link to a sibling, so that key and certificate change together.
// Keys are 0600 in folders that are 0700.

// NOT_FOUND when there is none. FAILED_PRECONDITION when the key is readable
// by others or does not fit the certificate; the text says how to mend it.
absl::StatusOr<Credentials> LoadIdentity(const std::string& directory);
// Writes a new sibling, points `current` to it, removes older siblings.
absl::Status SaveIdentity(const std::string& directory,
                          const Credentials& credentials);

// The same from two plain files, as an operator has them.
absl::StatusOr<Credentials> LoadCredentials(const std::string& certificate_path,
                                            const std::string& key_path);

}  // namespace tutti

#endif  // COMMON_IDENTITY_IDENTITY_DIRECTORY_H_
