#include "controller/groups/group_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace tutti::controller {
namespace {

using ::testing::_;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::tutti::testing::StatusIs;

class GroupTableTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::SetGroupResponse> Set(const std::string& name,
                                           const std::string& expression) {
    v1::SetGroupRequest request;
    request.set_name(name);
    request.set_expression(expression);
    return table_.Set(request, "alice", kNow, batch_);
  }

  static FileGroups File(const std::string& name,
                         const std::string& expression) {
    FileGroups file;
    file.path = "/etc/groups.yaml";
    file.groups.push_back(MakeGroup(name, expression).value());
    file.groups[0].from_file = true;
    return file;
  }

  static constexpr absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);
  GroupTable table_;
  JournalBatch batch_;
};

TEST_F(GroupTableTest, SetsChangesAndRemoves) {
  EXPECT_TRUE(Set("web", "web*")->created());
  EXPECT_FALSE(Set("web", "web[1-9]")->created());
  ASSERT_THAT(batch_.groups, SizeIs(2));
  EXPECT_EQ(batch_.groups[1].group.expression(), "web[1-9]");
  EXPECT_EQ(batch_.groups[1].group.set_by(), "alice");
  TUTTI_ASSERT_OK_AND_ASSIGN(const Group* group, table_.Find("web"));
  EXPECT_EQ(group->text, "web[1-9]");
  TUTTI_EXPECT_OK(table_.Remove("web", batch_));
  EXPECT_THAT(batch_.removed_groups, ::testing::ElementsAre("web"));
  EXPECT_THAT(table_.Find("web"), StatusIs(absl::StatusCode::kNotFound, _));
}

TEST_F(GroupTableTest, ComesBackFromTheJournal) {
  TUTTI_ASSERT_OK(Set("web", "web*"));
  JournalContents contents;
  contents.groups = batch_.groups;
  contents.groups.push_back({"bad", {}});
  GroupTable again;
  again.Load(contents);
  TUTTI_ASSERT_OK_AND_ASSIGN(const v1::ListGroupsResponse listed,
                             again.List({}));
  ASSERT_EQ(listed.groups_size(), 1);
  EXPECT_EQ(listed.groups(0).set_by(), "alice");
  EXPECT_EQ(listed.groups(0).set_at().seconds(), 1'700'000'000);
}

TEST_F(GroupTableTest, NamesTheNearest) {
  TUTTI_ASSERT_OK(Set("web", "web*"));
  EXPECT_THAT(table_.Find("wbe"), StatusIs(absl::StatusCode::kNotFound,
                                           HasSubstr("did you mean @web?")));
  EXPECT_THAT(Set("more", "@wbe"), StatusIs(absl::StatusCode::kNotFound,
                                            HasSubstr("did you mean @web?")));
  EXPECT_THAT(table_.Remove("wbe", batch_),
              StatusIs(absl::StatusCode::kNotFound, _));
}

// It would stand for nobody, and resolving it would not end.
TEST_F(GroupTableTest, RefusesOneThatContainsItself) {
  EXPECT_THAT(Set("a", "web*,@a"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("contain itself (@a, @a)")));
  TUTTI_ASSERT_OK(Set("a", "web*"));
  TUTTI_ASSERT_OK(Set("b", "@a"));
  TUTTI_ASSERT_OK(Set("c", "db*!@b"));
  batch_ = JournalBatch();
  EXPECT_THAT(Set("a", "@c"), StatusIs(absl::StatusCode::kInvalidArgument,
                                       HasSubstr("@a, @c, @b, @a")));
  EXPECT_TRUE(batch_.empty());
  EXPECT_EQ((*table_.Find("a"))->text, "web*") << "nothing is changed";
}

TEST_F(GroupTableTest, RefusesBadNamesAndExpressions) {
  for (const char* name : {"", "1st", "job", "all", "a b", "@web"}) {
    EXPECT_THAT(Set(name, "web*"),
                StatusIs(absl::StatusCode::kInvalidArgument, _))
        << name;
  }
  EXPECT_THAT(Set("web", "web["),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(Set("web", "a" + std::string(64 << 10, ' ')),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("bytes")));
  EXPECT_THAT(batch_.groups, IsEmpty());
}

TEST_F(GroupTableTest, APartOfAnotherStays) {
  TUTTI_ASSERT_OK(Set("web", "web*"));
  TUTTI_ASSERT_OK(Set("spare", "@web!web1"));
  EXPECT_THAT(table_.Remove("web", batch_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("a part of '@spare'")));
}

TEST_F(GroupTableTest, NoCallChangesTheFile) {
  TUTTI_ASSERT_OK(Set("web", "web*"));
  table_.SetFile(File("web", "frontend[1-3]"));
  TUTTI_ASSERT_OK_AND_ASSIGN(const v1::ListGroupsResponse listed,
                             table_.List({}));
  ASSERT_EQ(listed.groups_size(), 1);
  EXPECT_TRUE(listed.groups(0).from_file());
  EXPECT_EQ(listed.groups(0).expression(), "frontend[1-3]");
  EXPECT_FALSE(listed.groups(0).has_set_at());
  const auto refused =
      StatusIs(absl::StatusCode::kFailedPrecondition,
               AllOf(HasSubstr("/etc/groups.yaml"), HasSubstr("SIGHUP")));
  EXPECT_THAT(Set("web", "web1"), refused);
  EXPECT_THAT(table_.Remove("web", batch_), refused);
  table_.SetFile({});
  EXPECT_EQ((*table_.Find("web"))->text, "web*") << "no longer hidden";
}

TEST_F(GroupTableTest, IsBounded) {
  for (size_t i = 0; i < GroupTable::kMaxGroups; ++i) {
    TUTTI_ASSERT_OK(Set("g" + std::to_string(i), "web*"));
  }
  EXPECT_THAT(Set("more", "web*"),
              StatusIs(absl::StatusCode::kResourceExhausted, _));
  TUTTI_EXPECT_OK(Set("g0", "db*"));
}

}  // namespace
}  // namespace tutti::controller
