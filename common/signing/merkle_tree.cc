#include "common/signing/merkle_tree.h"

#include <cstdlib>
#include <utility>

#include "common/signing/merkle_hasher.h"

namespace tutti {
namespace {

// RFC 6962, section 2.1: a node can never pass for a leaf.
constexpr uint8_t kLeafPrefix = 0x00;
constexpr uint8_t kNodePrefix = 0x01;

}  // namespace

MerkleHasher::MerkleHasher() : context_(EVP_MD_CTX_new()) {
  // Fails only without memory or without SHA-256 in OpenSSL.
  if (context_ == nullptr ||
      EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) {
    std::abort();
  }
}

MerkleHash MerkleHasher::Leaf(std::string_view leaf) {
  MerkleHash hash;
  EVP_DigestInit_ex(context_.get(), nullptr, nullptr);
  EVP_DigestUpdate(context_.get(), &kLeafPrefix, 1);
  EVP_DigestUpdate(context_.get(), leaf.data(), leaf.size());
  EVP_DigestFinal_ex(context_.get(), hash.data(), nullptr);
  return hash;
}

MerkleHash MerkleHasher::Node(const MerkleHash& left, const MerkleHash& right) {
  MerkleHash hash;
  EVP_DigestInit_ex(context_.get(), nullptr, nullptr);
  EVP_DigestUpdate(context_.get(), &kNodePrefix, 1);
  EVP_DigestUpdate(context_.get(), left.data(), left.size());
  EVP_DigestUpdate(context_.get(), right.data(), right.size());
  EVP_DigestFinal_ex(context_.get(), hash.data(), nullptr);
  return hash;
}

MerkleHash HashLeaf(std::string_view leaf) { return MerkleHasher().Leaf(leaf); }

// RFC 6962 splits at the largest power of two below the number of leaves;
// pairing level by level and passing an odd last node up as it is gives the
// same tree.
MerkleTree::MerkleTree(const std::vector<MerkleHash>& leaves)
    : levels_{leaves} {
  MerkleHasher hasher;
  while (levels_.back().size() > 1) {
    const std::vector<MerkleHash>& below = levels_.back();
    std::vector<MerkleHash> level;
    level.reserve((below.size() + 1) / 2);
    for (size_t i = 0; i + 1 < below.size(); i += 2) {
      level.push_back(hasher.Node(below[i], below[i + 1]));
    }
    if (below.size() % 2 == 1) level.push_back(below.back());
    levels_.push_back(std::move(level));
  }
}

std::vector<MerkleHash> MerkleTree::Proof(uint64_t leaf_index) const {
  std::vector<MerkleHash> proof;
  uint64_t index = leaf_index;
  for (const std::vector<MerkleHash>& level : levels_) {
    const uint64_t sibling = index ^ 1;
    if (sibling < level.size()) proof.push_back(level[sibling]);
    index /= 2;
  }
  return proof;
}

bool VerifyMerkleProof(const MerkleHash& leaf, uint64_t leaf_index,
                       uint64_t leaf_count,
                       const std::vector<MerkleHash>& proof,
                       const MerkleHash& root) {
  if (leaf_index >= leaf_count) return false;
  MerkleHasher hasher;
  uint64_t index = leaf_index;
  uint64_t last = leaf_count - 1;
  MerkleHash hash = leaf;
  for (const MerkleHash& sibling : proof) {
    if (last == 0) return false;
    if (index % 2 == 1 || index == last) {
      hash = hasher.Node(sibling, hash);
      // An odd last node has no sibling until its index is odd.
      while (index % 2 == 0 && index != 0) {
        index /= 2;
        last /= 2;
      }
    } else {
      hash = hasher.Node(hash, sibling);
    }
    index /= 2;
    last /= 2;
  }
  return last == 0 && hash == root;
}

}  // namespace tutti
