#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <string>

#include "tests/support/status_matchers.h"
#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tutti::testing::StatusIs;

using HashTest = QueryTest;

TEST_F(HashTest, HasTheDigests) {
  Write("/srv/abc", "abc");
  EXPECT_THAT(
      Query("SELECT directory, md5, sha1, sha256 FROM hash "
            "WHERE path = '/srv/abc'"),
      ElementsAre(ElementsAre(
          "/srv", "900150983cd24fb0d6963f7d28e17f72",
          "a9993e364706816aba3e25717850c26c9cd0d89d",
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")));
}

TEST_F(HashTest, OfAFileLargerThanOnePiece) {
  Write("/srv/large", std::string(1'000'000, 'a'));
  EXPECT_THAT(
      Query("SELECT sha1 FROM hash WHERE path = '/srv/large'"),
      ElementsAre(ElementsAre("34aa973cd4c4daa4f61eeb2bdbad27316534016f")));
}

TEST_F(HashTest, OfAFolderAreItsRegularFilesAndAPipeDoesNotBlock) {
  Write("/srv/a", "");
  Write("/srv/b/c", "");
  ASSERT_EQ(mkfifo(Path("/srv/pipe").c_str(), 0600), 0);
  EXPECT_THAT(
      Query("SELECT path, md5 FROM hash WHERE directory = '/srv'"),
      ElementsAre(ElementsAre("/srv/a", "d41d8cd98f00b204e9800998ecf8427e")));
  EXPECT_THAT(Query("SELECT path FROM hash WHERE path LIKE '/srv/%/%'"),
              ElementsAre(ElementsAre("/srv/b/c")));
  EXPECT_THAT(Query("SELECT * FROM hash WHERE path = '/srv/pipe'"), IsEmpty());
}

TEST_F(HashTest, WhatIsNotThereHasNoRow) {
  EXPECT_THAT(Query("SELECT * FROM hash WHERE path = '/none'"), IsEmpty());
  EXPECT_FALSE(TryQuery("SELECT * FROM hash").ok());
}

// If this fails, a host under FIPS seems to have files without digests.
TEST_F(HashTest, ADigestThatOpensslLacksIsAnError) {
  Write("/srv/abc", "abc");
  ASSERT_EQ(EVP_set_default_properties(nullptr, "fips=yes"), 1);
  for (const char* where : {"path = '/srv/abc'", "directory = '/srv'"}) {
    EXPECT_THAT(TryQuery(fmt::format("SELECT sha256 FROM hash WHERE {}", where))
                    .status(),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         HasSubstr("no digest sha256")));
  }
  EXPECT_THAT(Query("SELECT path FROM hash WHERE path = '/srv/abc'"),
              ElementsAre(ElementsAre("/srv/abc")));
  ASSERT_EQ(EVP_set_default_properties(nullptr, ""), 1);
}

}  // namespace
}  // namespace tutti::query
