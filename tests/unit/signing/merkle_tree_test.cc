#include "common/signing/merkle_tree.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/signing/merkle_hasher.h"

namespace tutti {
namespace {

std::string Hex(const MerkleHash& hash) {
  std::string text;
  for (const uint8_t byte : hash) text += fmt::format("{:02x}", byte);
  return text;
}

// The leaves of the reference tree of the Certificate Transparency project.
std::vector<MerkleHash> ReferenceLeaves() {
  const std::vector<std::string> leaves = {
      "",
      std::string(1, '\0'),
      "\x10",
      "\x20\x21",
      "\x30\x31",
      "\x40\x41\x42\x43",
      "\x50\x51\x52\x53\x54\x55\x56\x57",
      "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"};
  std::vector<MerkleHash> hashes;
  for (const std::string& leaf : leaves) hashes.push_back(HashLeaf(leaf));
  return hashes;
}

std::vector<MerkleHash> MakeLeaves(size_t count) {
  std::vector<MerkleHash> leaves;
  for (size_t i = 0; i < count; ++i) {
    leaves.push_back(HashLeaf(fmt::format("web{}", i)));
  }
  return leaves;
}

// The definition of RFC 6962, section 2.1, word for word.
MerkleHash RecursiveRoot(const std::vector<MerkleHash>& leaves, size_t begin,
                         size_t end) {
  if (end - begin == 1) return leaves[begin];
  size_t split = 1;
  while (split * 2 < end - begin) split *= 2;
  return MerkleHasher().Node(RecursiveRoot(leaves, begin, begin + split),
                             RecursiveRoot(leaves, begin + split, end));
}

// Roots would not be those of any other implementation of RFC 6962.
TEST(MerkleTreeTest, HasTheRootsOfTheReferenceTree) {
  const std::vector<std::string> roots = {
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  const std::vector<MerkleHash> leaves = ReferenceLeaves();
  for (size_t count = 1; count <= leaves.size(); ++count) {
    const MerkleTree tree({leaves.begin(), leaves.begin() + count});
    EXPECT_EQ(Hex(tree.root()), roots[count - 1]) << count << " leaves";
  }
}

TEST(MerkleTreeTest, AgreesWithTheRecursiveDefinition) {
  for (size_t count = 1; count <= 130; ++count) {
    const std::vector<MerkleHash> leaves = MakeLeaves(count);
    EXPECT_EQ(MerkleTree(leaves).root(), RecursiveRoot(leaves, 0, count))
        << count << " leaves";
  }
}

// A target would refuse a job that was signed for it.
TEST(MerkleTreeTest, EveryProofHolds) {
  for (size_t count = 1; count <= 130; ++count) {
    const std::vector<MerkleHash> leaves = MakeLeaves(count);
    const MerkleTree tree(leaves);
    for (size_t i = 0; i < count; ++i) {
      EXPECT_TRUE(
          VerifyMerkleProof(leaves[i], i, count, tree.Proof(i), tree.root()))
          << i << " of " << count;
    }
  }
}

// Another target could pass for one of the signed ones.
TEST(MerkleTreeTest, ProofsHoldForNothingElse) {
  const size_t count = 21;
  const std::vector<MerkleHash> leaves = MakeLeaves(count);
  const MerkleTree tree(leaves);
  const MerkleHash stranger = HashLeaf("stranger");
  for (size_t i = 0; i < count; ++i) {
    std::vector<MerkleHash> proof = tree.Proof(i);
    EXPECT_FALSE(VerifyMerkleProof(stranger, i, count, proof, tree.root()));
    for (size_t other = 0; other < count + 3; ++other) {
      if (other == i) continue;
      EXPECT_FALSE(
          VerifyMerkleProof(leaves[i], other, count, proof, tree.root()));
    }
    proof.push_back(stranger);
    EXPECT_FALSE(VerifyMerkleProof(leaves[i], i, count, proof, tree.root()));
    proof.pop_back();
    proof.pop_back();
    EXPECT_FALSE(VerifyMerkleProof(leaves[i], i, count, proof, tree.root()));
  }
}

// A node's two hashes could be passed off as a leaf.
TEST(MerkleTreeTest, NodesAreNoLeaves) {
  const std::vector<MerkleHash> leaves = MakeLeaves(2);
  std::string pair(leaves[0].begin(), leaves[0].end());
  pair.append(leaves[1].begin(), leaves[1].end());
  EXPECT_NE(HashLeaf(pair), MerkleTree(leaves).root());
}

}  // namespace
}  // namespace tutti
