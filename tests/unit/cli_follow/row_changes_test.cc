#include "controller/cli/follow/row_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace tutti::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

QueryRows Answer(const std::string& rows, std::string_view columns = "\"a\"") {
  QueryRows answer;
  answer.Append(
      fmt::format("{{\"columns\":[{}],\"types\":[\"\"]}}\n", columns) + rows,
      {.on_row = nullptr, .on_mistake = [](std::string_view line) {
         ADD_FAILURE() << "no row: " << line;
       }});
  return answer;
}

std::vector<std::string> Texts(const std::vector<Json>& rows) {
  std::vector<std::string> texts;
  texts.reserve(rows.size());
  for (const Json& row : rows) texts.push_back(ToLine(row));
  return texts;
}

TEST(RowChangesTest, OfATargetThatWasNotThereAllIsAdded) {
  RowChanges changes;
  const auto first = changes.Update("web1", Answer("[1]\n[2]\n"));
  EXPECT_THAT(Texts(first.added), ElementsAre("[1]", "[2]"));
  EXPECT_THAT(first.removed, IsEmpty());
  const auto other = changes.Update("web2", Answer("[1]\n"));
  EXPECT_THAT(Texts(other.added), ElementsAre("[1]"));
}

TEST(RowChangesTest, OrderDoesNotMatterButHowOftenARowIsThereDoes) {
  RowChanges changes;
  changes.Update("web1", Answer("[1]\n[2]\n[2]\n[null]\n"));
  const auto same = changes.Update("web1", Answer("[2]\n[null]\n[2]\n[1]\n"));
  EXPECT_THAT(same.added, IsEmpty());
  EXPECT_THAT(same.removed, IsEmpty());
  const auto next = changes.Update("web1", Answer("[2]\n[1]\n[1]\n[1]\n"));
  EXPECT_THAT(Texts(next.added), ElementsAre("[1]", "[1]"));
  EXPECT_THAT(Texts(next.removed), ElementsAre("[2]", "[null]"));
}

// Else a number and the text of it were one row.
TEST(RowChangesTest, ValuesKeepTheirTypes) {
  RowChanges changes;
  changes.Update("web1", Answer("[1]\n"));
  const auto next = changes.Update("web1", Answer("[\"1\"]\n"));
  EXPECT_THAT(Texts(next.added), ElementsAre("[\"1\"]"));
  EXPECT_THAT(Texts(next.removed), ElementsAre("[1]"));
}

// A target whose tutti-query was upgraded may have other columns.
TEST(RowChangesTest, RowsOfOtherColumnsAreOtherRows) {
  RowChanges changes;
  changes.Update("web1", Answer("[1]\n"));
  const auto next = changes.Update("web1", Answer("[1]\n", "\"b\""));
  EXPECT_THAT(Texts(next.added), ElementsAre("[1]"));
  ASSERT_THAT(Texts(next.removed), ElementsAre("[1]"));
  ASSERT_EQ(next.removed_columns.size(), 1u);
  EXPECT_EQ(next.removed_columns[0].name, "a");
}

// What is counted bounds the memory: it must not grow with every time.
TEST(RowChangesTest, OnlyTheLastRowsAreRemembered) {
  RowChanges changes;
  changes.Update("web1", Answer("[1]\n"));
  const uint64_t one = changes.bytes();
  // With what a map has around the text.
  EXPECT_GT(one, 3 + sizeof(std::string));
  changes.Update("web1", Answer("[1]\n[1]\n[22]\n"));
  EXPECT_EQ(changes.bytes(), 2 * one + 1);
  changes.Update("web1", Answer("[333]\n"));
  EXPECT_EQ(changes.bytes(), one + 2);
  changes.Update("web1", Answer(""));
  EXPECT_EQ(changes.bytes(), 0u);
}

}  // namespace
}  // namespace tutti::cli
