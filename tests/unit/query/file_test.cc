#include <sys/stat.h>

#include <filesystem>

#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FileTest : public QueryTest {
 protected:
  void SetUp() override {
    Write("/etc/a.conf", "12345");
    Write("/etc/b.txt", "");
    Write("/etc/sub/c.conf", "");
    Write("/etc/sub/deep/d.conf", "");
    Write("/srv/sub/e.conf", "");
  }
};

TEST_F(FileTest, HasWhatStatSays) {
  chmod(Path("/etc/a.conf").c_str(), 04640);
  struct stat state = {};
  stat(Path("/etc/a.conf").c_str(), &state);
  EXPECT_THAT(
      Query("SELECT directory, filename, inode, uid, mode, size, mtime, "
            "hard_links, symlink, type FROM file WHERE path = '/etc/a.conf'"),
      ElementsAre(ElementsAre("/etc", "a.conf", std::to_string(state.st_ino),
                              std::to_string(state.st_uid), "4640", "5",
                              std::to_string(state.st_mtime), "1", "0",
                              "regular")));
}

TEST_F(FileTest, OfAFolderAreItsEntriesUnderTheNameThatWasAsked) {
  EXPECT_THAT(Query("SELECT path, directory, type FROM file "
                    "WHERE directory = '/etc/'"),
              ElementsAre(ElementsAre("/etc/a.conf", "/etc/", "regular"),
                          ElementsAre("/etc/b.txt", "/etc/", "regular"),
                          ElementsAre("/etc/sub", "/etc/", "directory")));
}

TEST_F(FileTest, PatternsStayOnTheirLevel) {
  EXPECT_THAT(Query("SELECT path FROM file WHERE path LIKE '/etc/%.conf'"),
              ElementsAre(ElementsAre("/etc/a.conf")));
  EXPECT_THAT(Query("SELECT path FROM file WHERE path LIKE '/%/sub/%.conf'"),
              ElementsAre(ElementsAre("/etc/sub/c.conf"),
                          ElementsAre("/srv/sub/e.conf")));
  EXPECT_THAT(Query("SELECT path FROM file WHERE path LIKE '/etc/_.txt'"),
              ElementsAre(ElementsAre("/etc/b.txt")));
  EXPECT_THAT(
      Query("SELECT path FROM file WHERE path GLOB '/etc/[ab].*'"),
      ElementsAre(ElementsAre("/etc/a.conf"), ElementsAre("/etc/b.txt")));
  EXPECT_THAT(
      Query("SELECT path FROM file WHERE directory LIKE '/%/sub'"),
      ElementsAre(ElementsAre("/etc/sub/c.conf"), ElementsAre("/etc/sub/deep"),
                  ElementsAre("/srv/sub/e.conf")));
}

TEST_F(FileTest, DoublePercentIsEveryDepthButNotBehindLinks) {
  std::filesystem::create_directory_symlink(Path("/etc"), Path("/etc/sub/up"));
  EXPECT_THAT(
      Query("SELECT path FROM file WHERE path LIKE '/etc/%%.conf'"),
      ElementsAre(ElementsAre("/etc/a.conf"), ElementsAre("/etc/sub/c.conf"),
                  ElementsAre("/etc/sub/deep/d.conf")));
}

TEST_F(FileTest, DepthsOfSeveralPartsGiveEachFileOnce) {
  std::filesystem::create_directory_symlink(Path("/etc"), Path("/srv/up"));
  EXPECT_THAT(Query("SELECT path FROM file WHERE path LIKE '/etc/%%/%%.conf'"),
              ElementsAre(ElementsAre("/etc/sub/c.conf"),
                          ElementsAre("/etc/sub/deep/d.conf")));
  EXPECT_THAT(Query("SELECT path FROM file WHERE path LIKE '/srv/%%/%'"),
              ElementsAre(ElementsAre("/srv/sub/e.conf")));
}

TEST_F(FileTest, ConditionsWithOrGiveTheRowsOfBothOnce) {
  EXPECT_THAT(
      Query("SELECT path FROM file WHERE path LIKE '/etc/%.conf' OR "
            "path LIKE '/etc/a%' OR directory = '/srv/sub' "
            "ORDER BY path"),
      ElementsAre(ElementsAre("/etc/a.conf"), ElementsAre("/srv/sub/e.conf")));
  EXPECT_THAT(Query("SELECT count(*) FROM file WHERE directory = '/etc' OR "
                    "path LIKE '/srv/%'"),
              ElementsAre(ElementsAre("4")));
}

TEST_F(FileTest, SymbolicLinksAreWhatTheyLeadToIfAnything) {
  std::filesystem::create_symlink("a.conf", Path("/etc/link"));
  std::filesystem::create_symlink("nowhere", Path("/etc/loose"));
  EXPECT_THAT(Query("SELECT symlink, symlink_target_path, type FROM file "
                    "WHERE path IN ('/etc/link', '/etc/loose') ORDER BY path"),
              ElementsAre(ElementsAre("1", "a.conf", "regular"),
                          ElementsAre("1", "nowhere", "symlink")));
}

TEST_F(FileTest, WhatIsNotThereHasNoRow) {
  for (const char* condition :
       {"path = '/none'", "path = '/etc/a.conf/x'", "path = 'relative'",
        "path = NULL", "directory = '/none'", "directory = '/etc/a.conf'",
        "path LIKE '/none/%'", "path LIKE '/etc/a.conf/%'"}) {
    EXPECT_THAT(Query(std::string("SELECT * FROM file WHERE ") + condition),
                IsEmpty())
        << condition;
  }
}

TEST_F(FileTest, NeedsToKnowWhere) {
  EXPECT_THAT(TryQuery("SELECT * FROM file").status().ToString(),
              HasSubstr("path or directory"));
  EXPECT_THAT(TryQuery("SELECT * FROM file WHERE path LIKE '%.conf'")
                  .status()
                  .ToString(),
              HasSubstr("has to begin with /"));
}

}  // namespace
}  // namespace tutti::query
