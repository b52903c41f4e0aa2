// Merkle trees with the hashing of RFC 6962, section 2.1: SHA-256 with
// separate prefixes for leaves and nodes.
#ifndef COMMON_SIGNING_MERKLE_TREE_H_
#define COMMON_SIGNING_MERKLE_TREE_H_

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tutti {

using MerkleHash = std::array<uint8_t, 32>;

MerkleHash HashLeaf(std::string_view leaf);

// All levels of a tree, so that proofs are cheap. 64 bytes a leaf. Immutable.
class MerkleTree {
 public:
  // The tree over `leaves`, in this order; at least one.
  explicit MerkleTree(const std::vector<MerkleHash>& leaves);

  const MerkleHash& root() const { return levels_.back()[0]; }
  uint64_t leaf_count() const { return levels_[0].size(); }
  // Sibling hashes from the leaf up (RFC 6962, section 2.1.1).
  std::vector<MerkleHash> Proof(uint64_t leaf_index) const;

 private:
  std::vector<std::vector<MerkleHash>> levels_;
};

// True when `proof` leads from `leaf` at `leaf_index` of `leaf_count` leaves
// to `root` (the algorithm of RFC 9162, section 2.1.3.2).
bool VerifyMerkleProof(const MerkleHash& leaf, uint64_t leaf_index,
                       uint64_t leaf_count,
                       const std::vector<MerkleHash>& proof,
                       const MerkleHash& root);

}  // namespace tutti

#endif  // COMMON_SIGNING_MERKLE_TREE_H_
