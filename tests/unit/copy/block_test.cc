#include "copy/block.h"

#include "tests/unit/copy/copy_fixture.h"

namespace tutti::copy {
namespace {

using ::testing::_;
using ::testing::Lt;
using ::tutti::testing::StatusIs;

TEST(BlockTest, ComesBack) {
  BlockPacker packer;
  BlockUnpacker unpacker;
  for (const std::string& plain :
       {std::string("x"), std::string(100'000, 'x'), Noise(100'000, 1),
        Noise(50'000, 2) + std::string(50'000, 'y')}) {
    const std::string packed(packer.Pack(plain));
    EXPECT_LE(packed.size(), plain.size() + kBlockHeaderBytes);
    const auto back = unpacker.Unpack(packed, plain.size());
    TUTTI_ASSERT_OK(back);
    EXPECT_EQ(*back, plain);
  }
}

TEST(BlockTest, IsCompressedOnlyWhereItHelps) {
  BlockPacker packer;
  EXPECT_THAT(packer.Pack(std::string(100'000, 'x')).size(), Lt(100));
  const std::string noise = Noise(100'000, 1);
  EXPECT_EQ(packer.Pack(noise).substr(kBlockHeaderBytes), noise);
}

TEST(BlockTest, RefusesWhatIsNone) {
  BlockPacker packer;
  BlockUnpacker unpacker;
  const std::string packed(packer.Pack(std::string(10'000, 'x')));
  const auto damaged = StatusIs(absl::StatusCode::kDataLoss, _);
  EXPECT_THAT(unpacker.Unpack("", 10'000), damaged);
  EXPECT_THAT(unpacker.Unpack(packed.substr(0, 1), 10'000), damaged);
  EXPECT_THAT(unpacker.Unpack(packed.substr(0, packed.size() - 1), 10'000),
              damaged);
  // Longer or shorter than what is expected, the room for it being limited.
  EXPECT_THAT(unpacker.Unpack(packed, 9'999), damaged);
  EXPECT_THAT(unpacker.Unpack(packed, 10'001), damaged);
  EXPECT_THAT(unpacker.Unpack("\x01plain", 4), damaged);
  EXPECT_THAT(unpacker.Unpack("\x07plain", 5), damaged);
}

TEST(BlockTest, KnowsZeros) {
  EXPECT_TRUE(IsZero(""));
  EXPECT_TRUE(IsZero(std::string(1, '\0')));
  std::string bytes(70'001, '\0');
  EXPECT_TRUE(IsZero(bytes));
  for (const size_t at : {0, 1, 35'000, 70'000}) {
    bytes[at] = 'x';
    EXPECT_FALSE(IsZero(bytes)) << at;
    bytes[at] = '\0';
  }
}

}  // namespace
}  // namespace tutti::copy
