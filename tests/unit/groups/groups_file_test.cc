#include "controller/groups/groups_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/base/files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::controller {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::tutti::testing::StatusIs;
using ::tutti::testing::TemporaryDirectory;

class GroupsFileTest : public ::testing::Test {
 protected:
  absl::StatusOr<FileGroups> Read(std::string_view text) {
    TUTTI_EXPECT_OK(WriteFileAtomically(path_, text, 0600));
    return ReadGroupsFile(path_);
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.File("groups.yaml");
};

TEST_F(GroupsFileTest, TakesExpressionsAndLists) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const FileGroups file, Read(R"(
web: web[01-20]
front:
  - "@web!web07"
  - role=frontend
)"));
  EXPECT_EQ(file.path, path_);
  ASSERT_EQ(file.groups.size(), 2u);
  EXPECT_EQ(file.groups[0].text, "web[01-20]");
  EXPECT_TRUE(file.groups[0].from_file);
  EXPECT_EQ(file.groups[1].name, "front");
  EXPECT_EQ(file.groups[1].text, "(@web!web07),(role=frontend)");
}

// All at once, so that nobody mends a file line by line.
TEST_F(GroupsFileTest, NamesLineAndKeyOfEveryMistake) {
  EXPECT_THAT(Read("good: a\nweb: web[\nall: b\nnone: []\nmap: {a: b}\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr(path_ + ":2: key 'web': "),
                             HasSubstr(path_ + ":3: key 'all': "),
                             HasSubstr(path_ + ":4: key 'none': "),
                             HasSubstr(path_ + ":5: key 'map': "))));
  EXPECT_THAT(ReadGroupsFile(directory_.File("missing")),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("missing")));
}

TEST_F(GroupsFileTest, GroupsContainOneAnotherOnly) {
  EXPECT_THAT(Read("web: a\nmore: \"@wbe\"\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr(path_ + ":2: key 'more': "),
                             HasSubstr("did you mean @web?"))));
  EXPECT_THAT(Read("a: \"x,@b\"\nb: \"@a\"\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr(":1: key 'a': "),
                             HasSubstr("contains itself (@a, @b, @a)"))));
}

TEST_F(GroupsFileTest, MayBeEmpty) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const FileGroups file, Read("# nothing yet\n"));
  EXPECT_TRUE(file.groups.empty());
}

}  // namespace
}  // namespace tutti::controller
