#include "common/identity/sha256.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"

namespace tutti {
namespace {

std::string Hex(const std::string& digest) {
  return absl::BytesToHexString({digest.data(), digest.size()});
}

// FIPS 180-2, B.1.
TEST(Sha256Test, IsSha256) {
  EXPECT_EQ(Hex(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256Test, PiecesAreTheWhole) {
  Sha256Stream stream;
  stream.Add("a");
  stream.Add("");
  stream.Add("bc");
  EXPECT_EQ(stream.Finish(), Sha256("abc"));
}

}  // namespace
}  // namespace tutti
