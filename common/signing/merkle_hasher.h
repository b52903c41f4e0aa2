// SHA-256 over leaves and nodes of a Merkle tree.
#ifndef COMMON_SIGNING_MERKLE_HASHER_H_
#define COMMON_SIGNING_MERKLE_HASHER_H_

#include <openssl/evp.h>

#include <memory>
#include <string_view>

#include "common/signing/merkle_tree.h"

namespace tutti {

// One OpenSSL context for many hashes: making a context and looking the
// algorithm up costs several times what hashing a name does. Not thread-safe.
class MerkleHasher {
 public:
  MerkleHasher();

  MerkleHash Leaf(std::string_view leaf);
  MerkleHash Node(const MerkleHash& left, const MerkleHash& right);

 private:
  struct Deleter {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };

  std::unique_ptr<EVP_MD_CTX, Deleter> context_;
};

}  // namespace tutti

#endif  // COMMON_SIGNING_MERKLE_HASHER_H_
