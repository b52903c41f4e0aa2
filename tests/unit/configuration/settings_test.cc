#include "common/configuration/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>

#include "tests/support/status_matchers.h"

namespace tutti {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::tutti::testing::StatusIs;

struct Kitchen {
  std::string cook;
  std::string book;
  std::vector<std::string> dishes;
  std::map<std::string, std::string> spices;
};

constexpr Setting<Kitchen> kTable[] = {
    {{"head_cook", "NAME", "Who cooks."}, SetText<Kitchen, &Kitchen::cook>},
    {{"book", "FILE", "What is cooked.", SettingForm::kPath},
     SetText<Kitchen, &Kitchen::book>},
    {{"dishes", "NAME", "What on.", SettingForm::kList, "dish"},
     [](const SettingValues& values, Kitchen& kitchen) {
       kitchen.dishes = values;
       return absl::OkStatus();
     }},
    {{"spices", "NAME=VALUE", "What is where.", SettingForm::kMap, "spice"},
     [](const SettingValues& values, Kitchen& kitchen) {
       return SetNamedValues(values, kitchen.spices);
     }},
};

absl::StatusOr<Kitchen> Read(std::string_view text,
                             const SettingOverrides& overrides = {}) {
  TUTTI_ASSIGN_OR_RETURN(YamlMap map, YamlMap::Parse(text, "kitchen.yaml"));
  Kitchen kitchen;
  TUTTI_RETURN_IF_ERROR(
      ReadSettings(kTable, "/etc/kitchen.yaml", map, overrides, kitchen));
  return kitchen;
}

TEST(SettingsTest, FlagsAreLaidOverTheFile) {
  constexpr std::string_view kText =
      "head_cook: ada\nbook: ../recipes\ndishes: [soup, pie]\n"
      "spices: {salt: left, mace: 'a=b'}\n";
  TUTTI_ASSERT_OK_AND_ASSIGN(Kitchen kitchen, Read(kText));
  EXPECT_EQ(kitchen.cook, "ada");
  EXPECT_EQ(kitchen.book, "/recipes");
  EXPECT_THAT(kitchen.dishes, ElementsAre("soup", "pie"));
  EXPECT_THAT(kitchen.spices,
              ElementsAre(Pair("mace", "a=b"), Pair("salt", "left")));

  TUTTI_ASSERT_OK_AND_ASSIGN(
      kitchen, Read(kText, {{"head_cook", {"bob"}},
                            {"book", {"mine"}},
                            {"dishes", {"stew"}},
                            {"spices", {"salt=right", "clove="}}}));
  EXPECT_EQ(kitchen.cook, "bob");
  EXPECT_EQ(kitchen.book, std::filesystem::current_path() / "mine");
  EXPECT_THAT(kitchen.dishes, ElementsAre("stew"));
  EXPECT_THAT(kitchen.spices,
              ElementsAre(Pair("clove", ""), Pair("mace", "a=b"),
                          Pair("salt", "right")));
}

TEST(SettingsTest, WhatIsNotGivenIsLeftAlone) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const Kitchen kitchen, Read("", {{"book", {}}}));
  EXPECT_EQ(kitchen.book, "");
  EXPECT_THAT(kitchen.dishes, ElementsAre());
}

TEST(SettingsTest, MistakesAreNamedWithLineAndKeyOrFlag) {
  EXPECT_THAT(
      Read("\nhead_cook: [ada, bob]\nspices: {'a=b': c}\n"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("kitchen.yaml:2"), HasSubstr("a single value"),
                     HasSubstr("kitchen.yaml:3"), HasSubstr("'a=b'"))));
  EXPECT_THAT(Read("dish: soup\n"), StatusIs(absl::StatusCode::kInvalidArgument,
                                             HasSubstr("dishes")));
  EXPECT_THAT(
      Read("", {{"spices", {"salt"}}}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("--spices: "), HasSubstr("NAME=VALUE"))));
}

// If one of these slips through, a service runs with a value nobody wrote.
TEST(SettingsTest, ValuesThatAreTooSmallOrNoneAreRefused) {
  uint64_t bytes = 1;
  EXPECT_THAT(SetSize("1k", 4096, bytes),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("use at least 4.0 KiB")));
  absl::Duration duration = absl::Seconds(1);
  EXPECT_THAT(
      SetDuration("2s", absl::Minutes(1), duration),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("too short")));
  uint32_t count = 1;
  for (const char* text : {"", "many", "-1", "0", "5 ", "4294967296"}) {
    EXPECT_FALSE(SetCount(text, 1, count).ok()) << text;
  }
  EXPECT_EQ(bytes, 1u);
  EXPECT_EQ(duration, absl::Seconds(1));
  EXPECT_EQ(count, 1u);
}

}  // namespace
}  // namespace tutti
