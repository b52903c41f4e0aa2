// Queries: what they may do, what they cost, and what their mistakes are
// called.
#include "query/engine/database.h"

#include <fmt/format.h>

#include <optional>

#include "common/base/errors.h"
#include "tests/support/status_matchers.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tutti::testing::StatusIs;

// What the tables were asked for.
struct Asked {
  int evaluations = 0;
  std::optional<std::string> name;
  bool uses_cost = false;
};
Asked asked;

absl::Status Animals(const TableRequest& request, Rows& rows) {
  ++asked.evaluations;
  asked.name = request.EqualTo("name");
  asked.uses_cost = request.Uses("cost");
  for (const auto& [name, legs] :
       {std::pair<const char*, int>{"ant", 6}, {"bird", 2}, {"cat", 4}}) {
    if (asked.name.value_or(name) != name) continue;
    Row& row = rows.Add();
    row.Set("name", name);
    row.Set("legs", legs);
    row.Set("version", fmt::format("1.{}-1", legs * 4));
  }
  return absl::OkStatus();
}

// Says which name it was asked for.
absl::Status Ages(const TableRequest& request, Rows& rows) {
  const std::optional<std::string> name = request.EqualTo("name");
  if (name == "bird") return Unavailable("nobody knows; ask it");
  Row& row = rows.Add();
  row.Set("name", name.value_or(""));
  row.Set("age", static_cast<int>(name.value_or("").size()));
  return absl::OkStatus();
}

const Table kAnimals = {
    .name = "animals",
    .description = "Animals.",
    .columns = {{"name", ColumnType::kText, "", Pushdown::kUsed},
                {"legs", ColumnType::kInteger, ""},
                {"cost", ColumnType::kDouble, ""},
                {"version", ColumnType::kText, "", Pushdown::kNone,
                 Collation::kDpkgVersion}},
    .generate = Animals};
const Table kAges = {
    .name = "ages",
    .description = "How old one is.",
    .columns = {{"name", ColumnType::kText, "", Pushdown::kNeeded},
                {"age", ColumnType::kBigInt, ""}},
    .generate = Ages};

class DatabaseTest : public ::testing::Test, public ResultSink {
 protected:
  DatabaseTest() {
    asked = {};
    auto opened = Database::Open(
        {&kAnimals, &kAges},
        {{"Legged", "Animals with legs.", "SELECT name AS Name FROM animals"}},
        "");
    EXPECT_TRUE(opened.ok()) << opened.status();
    database_ = *std::move(opened);
  }

  absl::Status OnColumns(const std::vector<ResultColumn>& columns) override {
    columns_ = columns;
    return absl::OkStatus();
  }
  absl::Status OnRow(const std::vector<ResultValue>& row) override {
    const auto* text = std::get_if<std::string>(&row[0]);
    first_.push_back(text == nullptr ? "?" : *text);
    return absl::OkStatus();
  }

  absl::Status Run(std::string_view sql) {
    first_.clear();
    return database_->Run(sql, *this);
  }

  std::unique_ptr<Database> database_;
  std::vector<ResultColumn> columns_;
  // The first value of each row.
  std::vector<std::string> first_;
};

TEST_F(DatabaseTest, RowsComeWithTheTypesThatAreDeclared) {
  TUTTI_ASSERT_OK(Run("SELECT name, legs, count(*) AS n FROM animals"));
  ASSERT_EQ(columns_.size(), 3u);
  EXPECT_EQ(columns_[0].name, "name");
  EXPECT_EQ(columns_[0].type, "TEXT");
  EXPECT_EQ(columns_[1].type, "INTEGER");
  EXPECT_EQ(columns_[2].name, "n");
  EXPECT_EQ(columns_[2].type, "");
}

TEST_F(DatabaseTest, ConditionsReachTheTableThatUsesThem) {
  TUTTI_ASSERT_OK(Run("SELECT name FROM animals WHERE name = 'cat'"));
  EXPECT_THAT(first_, ElementsAre("cat"));
  EXPECT_EQ(asked.name, "cat");
  EXPECT_FALSE(asked.uses_cost);
  TUTTI_ASSERT_OK(Run("SELECT name, cost FROM animals WHERE legs > 3"));
  EXPECT_THAT(first_, ElementsAre("ant", "cat"));
  EXPECT_EQ(asked.name, std::nullopt);
  EXPECT_TRUE(asked.uses_cost);
}

TEST_F(DatabaseTest, EachValueOfAListIsAskedFor) {
  TUTTI_ASSERT_OK(
      Run("SELECT name FROM animals WHERE name IN ('cat', 'ant', 'cow')"));
  EXPECT_THAT(first_, ::testing::UnorderedElementsAre("cat", "ant"));
  EXPECT_EQ(asked.evaluations, 3);
}

TEST_F(DatabaseTest, WhatIsEqualButForItsLettersIsFound) {
  TUTTI_ASSERT_OK(
      Run("SELECT name FROM animals WHERE name = 'CAT' COLLATE NOCASE"));
  EXPECT_THAT(first_, ElementsAre("cat"));
}

// If this fails, a condition with OR loses rows: each part of it numbers its
// rows from the beginning.
TEST_F(DatabaseTest, AConditionWithOrGivesEachRowOnce) {
  TUTTI_ASSERT_OK(
      Run("SELECT name FROM animals WHERE name = 'cat' OR name "
          "LIKE 'a%' OR name GLOB '*t'"));
  EXPECT_THAT(first_, ::testing::UnorderedElementsAre("cat", "ant"));
}

// If this fails, versions that look larger as text count as newer.
TEST_F(DatabaseTest, VersionsCompareAsTheirPackagesDo) {
  TUTTI_ASSERT_OK(
      Run("SELECT name FROM animals WHERE version < '1.16' ORDER BY version"));
  EXPECT_THAT(first_, ElementsAre("bird"));
  TUTTI_ASSERT_OK(Run("SELECT name FROM animals ORDER BY version DESC"));
  EXPECT_THAT(first_, ElementsAre("ant", "cat", "bird"));
}

TEST_F(DatabaseTest, ATableThatNeedsAConditionGetsItFromAnotherTable) {
  TUTTI_ASSERT_OK(
      Run("SELECT a.name FROM ages JOIN animals a USING (name) "
          "WHERE a.legs > 3 AND age = 3"));
  EXPECT_THAT(first_, ElementsAre("ant", "cat"));
}

TEST_F(DatabaseTest, ATableThatNeedsAConditionSaysSo) {
  EXPECT_THAT(Run("SELECT * FROM ages"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "table ages needs a condition on name, as in WHERE name "
                       "= '...'"));
  TUTTI_ASSERT_OK(
      Run("SELECT name FROM ages WHERE name = 'ant' OR name IN ('cat')"));
  EXPECT_THAT(first_, ::testing::UnorderedElementsAre("ant", "cat"));
}

TEST_F(DatabaseTest, ATableThatCanNotBeReadIsAnError) {
  EXPECT_THAT(Run("SELECT * FROM ages WHERE name = 'bird'"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "table ages: nobody knows; ask it"));
}

TEST_F(DatabaseTest, ViewsAreTables) {
  TUTTI_ASSERT_OK(Run("SELECT Name FROM legged WHERE name = 'ant'"));
  EXPECT_THAT(first_, ElementsAre("ant"));
}

// If this fails, a query is a way to change a host or this database.
TEST_F(DatabaseTest, NothingCanBeChanged) {
  for (const char* sql :
       {"CREATE TABLE t (a)", "DROP VIEW Legged", "PRAGMA user_version = 1",
        "ATTACH '/tmp/x' AS x", "INSERT INTO animals VALUES (1, 2, 3, 4)",
        "DELETE FROM animals", "UPDATE animals SET legs = 3", "BEGIN",
        "SELECT load_extension('x')", "VACUUM INTO '/tmp/x'",
        "CREATE TEMP TRIGGER t AFTER DELETE ON animals BEGIN SELECT 1; END",
        "REINDEX", "ANALYZE", "  vacuum", "(DELETE FROM animals)",
        "WITH x AS (SELECT 1) DELETE FROM animals"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Run(sql))) << sql;
  }
}

TEST_F(DatabaseTest, WhatWouldChangeSomethingIsToldToRead) {
  EXPECT_THAT(Run("DELETE FROM animals"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("begin it with SELECT")));
  EXPECT_THAT(Run("SELECT load_extension('x')"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("has load_extension() in it")));
}

TEST_F(DatabaseTest, ACommentMayFollow) {
  TUTTI_EXPECT_OK(Run("SELECT name FROM animals; -- all\n /* of them */ ;"));
  EXPECT_EQ(first_.size(), 3u);
}

TEST_F(DatabaseTest, MistakesAreNamedWithTheirPlace) {
  struct Case {
    const char* sql;
    const char* text;
    std::optional<size_t> offset;
  };
  for (const Case& mistake : {
           Case{"SELECT * FROM animal",
                "no table 'animal' (did you mean animals?)",
                {}},
           Case{"SELECT leg FROM animals",
                "no column 'leg' (did you mean legs?)", 7},
           Case{"SELECT a.leg FROM animals a",
                "no column 'a.leg' (did you mean legs?)", 7},
           Case{"SELECT name FORM animals", "near \"animals\": syntax error",
                17},
           Case{"SELECT 1; SELECT 2", "one query at a time", 9},
           Case{"SELECT 1; -- why\n SELECT 2", "one query at a time", 9},
           Case{" ;", "the query is empty", {}},
           Case{"-- nothing", "the query is empty", {}},
           Case{"", "the query is empty", {}},
       }) {
    EXPECT_THAT(Run(mistake.sql), StatusIs(absl::StatusCode::kInvalidArgument,
                                           HasSubstr(mistake.text)))
        << mistake.sql;
    if (mistake.offset.has_value()) {
      EXPECT_EQ(database_->error().offset, mistake.offset) << mistake.sql;
    }
  }
  EXPECT_THAT(first_, IsEmpty());
}

}  // namespace
}  // namespace tutti::query
