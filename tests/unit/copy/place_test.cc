// Where a copy puts what.
#include "copy/place.h"

#include <sys/stat.h>

#include <filesystem>

#include "copy/destination.h"
#include "tests/unit/copy/copy_fixture.h"

namespace tutti::copy {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::tutti::testing::StatusIs;

using PlaceTest = CopyTest;

class RandomTreeTest : public CopyTest,
                       public ::testing::WithParamInterface<uint32_t> {};

INSTANTIATE_TEST_SUITE_P(Seeds, RandomTreeTest, ::testing::Range(1u, 5u));

TEST_P(RandomTreeTest, ComesThroughAsItIs) {
  MakeRandomTree(Source("tree"), GetParam());
  TUTTI_ASSERT_OK_AND_ASSIGN(const PlaceResult first,
                             Copy({Source("tree")}, Target("copy")));
  EXPECT_EQ(Snapshot(Target("copy")), Snapshot(Source("tree")));
  EXPECT_GT(first.changed, first.files);
  // Into a folder that is there, over what is there, with other content.
  fs::create_directory(Target("into"));
  MakeRandomTree(Target("into/tree"), GetParam() + 100);
  TUTTI_ASSERT_OK(PlaceAt(Target("into"), GetParam() % 2 == 0));
  // What the copy does not have stays.
  const std::map<std::string, std::string> placed =
      Snapshot(Target("into/tree"));
  for (const auto& [path, text] : Snapshot(Source("tree"))) {
    ASSERT_TRUE(placed.contains(path)) << path;
    EXPECT_EQ(placed.at(path), text) << path;
  }
}

TEST_P(RandomTreeTest, ASecondCopyChangesNothing) {
  MakeRandomTree(Source("tree"), GetParam());
  TUTTI_ASSERT_OK(Copy({Source("tree")}, target_.path()));
  TUTTI_ASSERT_OK_AND_ASSIGN(const PlaceResult second,
                             PlaceAt(target_.path(), /*if_changed=*/true));
  EXPECT_EQ(second.changed, 0u);
  EXPECT_EQ(second.received_bytes, 0u);
  EXPECT_EQ(channel_->blocks_given, 0u);
}

TEST_F(PlaceTest, AFileGetsTheNameOfTheDestination) {
  WriteFile(Source("file"), "content");
  TUTTI_ASSERT_OK(Copy({Source("file")}, Target("other")));
  EXPECT_EQ(ReadWhole(Target("other")), "content");
  EXPECT_THAT(NamesIn(target_.path()), ElementsAre("other"));
}

TEST_F(PlaceTest, AFileGoesIntoAFolder) {
  WriteFile(Source("file"), "content");
  TUTTI_ASSERT_OK(Copy({Source("file")}, target_.path()));
  EXPECT_EQ(ReadWhole(Target("file")), "content");
  TUTTI_ASSERT_OK(PlaceAt(Target("new/")));
  EXPECT_EQ(ReadWhole(Target("new/file")), "content");
  fs::create_directory_symlink("new", Target("link"));
  WriteFile(Source("second"), "second");
  TUTTI_ASSERT_OK(Copy({Source("second")}, Target("link")));
  EXPECT_EQ(ReadWhole(Target("new/second")), "second");
}

TEST_F(PlaceTest, SeveralGoIntoAFolderThatIsMade) {
  WriteFile(Source("a"), "a");
  WriteFile(Source("b"), "b");
  TUTTI_ASSERT_OK(Copy({Source("b"), Source("a")}, Target("new")));
  EXPECT_THAT(NamesIn(Target("new")), ElementsAre("a", "b"));
  EXPECT_EQ(fs::status(Target("new")).permissions(), fs::perms(0755));
}

TEST_F(PlaceTest, AFolderGetsTheNameOrGoesInto) {
  fs::create_directory(Source("site"));
  WriteFile(Source("site/index"), "content");
  TUTTI_ASSERT_OK(Copy({Source("site")}, Target("www")));
  EXPECT_THAT(NamesIn(Target("www")), ElementsAre("index"));
  TUTTI_ASSERT_OK(PlaceAt(Target("www")));
  EXPECT_THAT(NamesIn(Target("www")), ElementsAre("index", "site"));
}

TEST_F(PlaceTest, WhatStandsInTheWayIsNamedBeforeAnythingIsAskedFor) {
  fs::create_directory(Source("tree"));
  WriteFile(Source("tree/a"), "a");
  WriteFile(Source("file"), "file");
  Pack({Source("file"), Source("tree")});
  struct Case {
    std::string name;
    std::function<void()> make;
    std::string destination;
    std::string error;
    absl::StatusCode code = absl::StatusCode::kFailedPrecondition;
  };
  const std::vector<Case> cases = {
      {"relative", [] {}, "relative", "is not absolute",
       absl::StatusCode::kInvalidArgument},
      {"no parent", [] {}, Target("no/where"),
       "the folder " + Target("no") + " is not there; make it first",
       absl::StatusCode::kNotFound},
      {"file for a folder", [&] { WriteFile(Target("x"), ""); }, Target("x"),
       Target("x") + " is no folder"},
      {"folder in place of a file",
       [&] { fs::create_directory(Target("file")); }, target_.path(),
       Target("file") + " is a folder, and the copy has a file there"},
      {"file in place of a folder", [&] { WriteFile(Target("tree"), ""); },
       target_.path(), Target("tree") + " is no folder"},
      {"device",
       [&] {
         fs::create_directory(Target("tree"));
         ASSERT_EQ(mkfifo(Target("tree/a").c_str(), 0600), 0);
       },
       target_.path(), Target("tree/a") + " is a device or a pipe"},
      {"link for a folder",
       [&] { fs::create_directory_symlink("/tmp", Target("tree")); },
       target_.path(), Target("tree") + " is no folder"},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    each.make();
    EXPECT_THAT(PlaceAt(each.destination),
                StatusIs(each.code, HasSubstr(each.error)));
    EXPECT_THAT(channel_->asked, IsEmpty());
    for (const std::string& name : NamesIn(target_.path())) {
      fs::remove_all(Target(name));
    }
  }
}

TEST_F(PlaceTest, AFreshFolderAppearsWhole) {
  fs::create_directory(Source("tree"));
  for (int i = 0; i < 20; ++i) {
    WriteFile(Source(fmt::format("tree/{}", i)), Noise(kSmallBlock, i));
  }
  Pack({Source("tree")});
  NextChannel().on_block = [this](size_t, std::string&) {
    EXPECT_FALSE(fs::exists(Target("new")));
  };
  TUTTI_ASSERT_OK(PlaceAt(Target("new")));
  EXPECT_THAT(NamesIn(target_.path()), ElementsAre("new"));
  EXPECT_EQ(Snapshot(Target("new")), Snapshot(Source("tree")));
}

TEST(PartNameTest, FitsIntoAName) {
  EXPECT_EQ(PartName("motd", std::string(32, '\xab')),
            ".motd.tutti-abababab.part");
  EXPECT_EQ(PartName(std::string(255, 'x'), std::string(32, 'a')).size(), 255u);
}

}  // namespace
}  // namespace tutti::copy
