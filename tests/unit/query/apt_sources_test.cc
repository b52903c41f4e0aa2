#include "query/host/apt_sources.h"

#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using AptSourcesTest = QueryTest;

TEST_F(AptSourcesTest, AreThoseOfLinesWithWhatAptHasFetched) {
  Write("/etc/apt/sources.list",
        "# deb http://example.org/old stable main\n"
        "deb-src http://example.org/debian stable main\n"
        "deb [ arch=amd64 signed-by=/k.gpg ] http://example.org/debian/ stable "
        "main # all\n"
        "deb http://example.org/debian\n"
        "deb cdrom stable main\n");
  Write("/var/lib/apt/lists/example.org_debian_dists_stable_InRelease",
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
        "Origin: Example\nCodename: bookworm\nVersion: 12.11\n"
        "Architectures: all amd64\nComponents: main contrib\nSHA256:\n"
        " 00 1 main/x\n-----BEGIN PGP SIGNATURE-----\n\nabc=\n");
  EXPECT_THAT(Query("SELECT * FROM apt_sources"),
              ElementsAre(ElementsAre(
                  "example.org/debian stable", "/etc/apt/sources.list",
                  "http://example.org/debian", "bookworm", "12.11", "Example",
                  "main contrib", "all amd64")));
}

TEST_F(AptSourcesTest, AreThoseOfParagraphs) {
  Write("/etc/apt/sources.list.d/a.sources",
        "Types: deb deb-src\n# a comment\nURIs: http://a.org/x/ http://b.org\n"
        "Suites: one\n two # not three\nComponents: main\n\n"
        "Types: deb\nURIs: http://c.org\nSuites: s\nEnabled: No\n\n"
        "Types: deb-src\nURIs: http://d.org\nSuites: s\n");
  Write("/etc/apt/sources.list.d/b.list",
        "deb file:///srv/flat ./\ndeb file:/srv/other stable main\n");
  Write("/etc/apt/sources.list.d/c.list.save", "deb http://e.org s main\n");
  EXPECT_THAT(
      Query("SELECT name, base_uri, release FROM apt_sources"),
      ElementsAre(ElementsAre("a.org/x one", "http://a.org/x", "NULL"),
                  ElementsAre("a.org/x two", "http://a.org/x", "NULL"),
                  ElementsAre("b.org one", "http://b.org", "NULL"),
                  ElementsAre("b.org two", "http://b.org", "NULL"),
                  ElementsAre("/srv/flat ./", "file:///srv/flat", "NULL"),
                  ElementsAre("/srv/other stable", "file:/srv/other", "NULL")));
}

TEST_F(AptSourcesTest, WhatAptHasFetchedIsFoundUnderItsNames) {
  EXPECT_EQ(CachePrefix({"https://u:p@a_b.org:80/x", "stable/updates"}),
            "a%5fb.org:80_x_dists_stable_updates_");
  EXPECT_EQ(CachePrefix({"file:///srv/flat", "./"}), "_srv_flat_._");
  EXPECT_EQ(CachePrefix({"file:///srv/flat", "/"}), "_srv_flat_");
  EXPECT_EQ(CachePrefix({"http://a.org/x", "amd64/"}), "a.org_x_amd64_");
}

TEST_F(AptSourcesTest, AreNoneWithoutApt) {
  EXPECT_THAT(Query("SELECT * FROM apt_sources"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
