#include "common/configuration/yaml_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::StartsWith;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

YamlMap Parse(std::string_view text) {
  absl::StatusOr<YamlMap> map = YamlMap::Parse(text, "c.yaml");
  EXPECT_TRUE(map.ok()) << map.status();
  return *std::move(map);
}

TEST(YamlMapTest, ReadsEveryType) {
  YamlMap map = Parse(
      "text: hello\n"
      "number: 17\n"
      "large: 5000000000\n"
      "flag: yes\n"
      "life: 1h30m\n"
      "budget: 64MiB\n"
      "listen: ['[::]:7117', 0.0.0.0:7117]\n"
      "labels:\n"
      "  role: web\n"
      "  site: '1'\n");
  std::string text;
  uint32_t number = 0;
  uint64_t large = 0;
  bool flag = false;
  absl::Duration life;
  uint64_t budget = 0;
  std::vector<std::string> listen;
  std::map<std::string, std::string> labels;
  EXPECT_TRUE(map.Get("text", text));
  EXPECT_TRUE(map.Get("number", number));
  EXPECT_TRUE(map.Get("large", large));
  EXPECT_TRUE(map.Get("flag", flag));
  EXPECT_TRUE(map.Get("life", life));
  EXPECT_TRUE(map.GetSize("budget", budget));
  EXPECT_TRUE(map.Get("listen", listen));
  EXPECT_TRUE(map.Get("labels", labels));
  EXPECT_THAT(map.Finish(), IsOk());
  EXPECT_EQ(text, "hello");
  EXPECT_EQ(number, 17u);
  EXPECT_EQ(large, 5'000'000'000u);
  EXPECT_TRUE(flag);
  EXPECT_EQ(life, absl::Minutes(90));
  EXPECT_EQ(budget, 64u << 20);
  EXPECT_THAT(listen, ElementsAre("[::]:7117", "0.0.0.0:7117"));
  EXPECT_THAT(labels, ElementsAre(Pair("role", "web"), Pair("site", "1")));
}

TEST(YamlMapTest, LeavesAbsentKeysAlone) {
  YamlMap map = Parse("");
  std::string text = "default";
  std::map<std::string, std::string> labels = {{"a", "b"}};
  EXPECT_FALSE(map.Get("text", text));
  EXPECT_FALSE(map.Get("labels", labels));
  EXPECT_THAT(map.Finish(), IsOk());
  EXPECT_EQ(text, "default");
  EXPECT_THAT(labels, ElementsAre(Pair("a", "b")));
}

TEST(YamlMapTest, TakesASingleTextAsAListOfOne) {
  YamlMap map = Parse("listen: '[::]:0'");
  std::vector<std::string> listen = {"default"};
  EXPECT_TRUE(map.Get("listen", listen));
  EXPECT_THAT(listen, ElementsAre("[::]:0"));
}

// A misspelled key would silently leave its default in force.
TEST(YamlMapTest, NamesUnknownKeysWithLineAndNearestKey) {
  YamlMap map = Parse("fleet: demo\nlisen: x\nqqqqqqq: y\n");
  std::string ignored;
  map.Get("fleet", ignored);
  map.Get("listen", ignored);
  EXPECT_THAT(
      map.Finish(),
      StatusIs(kInvalid,
               "c.yaml:2: key 'lisen': unknown; did you mean 'listen'?\n"
               "c.yaml:3: key 'qqqqqqq': unknown; known keys here: fleet, "
               "listen"));
}

TEST(YamlMapTest, NamesEveryBadValueInOrderOfLines) {
  YamlMap map = Parse(
      "number: -1\n"
      "small: 5000000000\n"
      "flag: maybe\n"
      "life: soon\n"
      "size: 3 apples\n");
  uint64_t number = 1;
  uint32_t small = 2;
  bool flag = true;
  absl::Duration life = absl::Seconds(3);
  uint64_t size = 4;
  EXPECT_FALSE(map.GetSize("size", size));
  EXPECT_FALSE(map.Get("life", life));
  EXPECT_FALSE(map.Get("flag", flag));
  EXPECT_FALSE(map.Get("small", small));
  EXPECT_FALSE(map.Get("number", number));
  EXPECT_THAT(map.Finish(),
              StatusIs(kInvalid,
                       AllOf(StartsWith("c.yaml:1: key 'number': '-1' is not"),
                             HasSubstr("\nc.yaml:2: key 'small': '5000000000'"),
                             HasSubstr("from 0 to 4294967295"),
                             HasSubstr("\nc.yaml:3: key 'flag': 'maybe'"),
                             HasSubstr("\nc.yaml:4: key 'life': 'soon'"),
                             HasSubstr("\nc.yaml:5: key 'size': '3 apples'"))));
  EXPECT_EQ(number, 1u);
  EXPECT_EQ(small, 2u);
  EXPECT_TRUE(flag);
  EXPECT_EQ(life, absl::Seconds(3));
  EXPECT_EQ(size, 4u);
}

TEST(YamlMapTest, NamesValuesOfAnotherShape) {
  YamlMap map = Parse(
      "text: [a, b]\n"
      "empty:\n"
      "list:\n"
      "  - a\n"
      "  - {b: c}\n"
      "map: [a]\n"
      "labels: text\n");
  std::string text;
  std::vector<std::string> list = {"default"};
  std::map<std::string, std::string> labels;
  EXPECT_FALSE(map.Get("text", text));
  EXPECT_FALSE(map.Get("empty", text));
  EXPECT_FALSE(map.Get("list", list));
  map.GetMap("map");
  EXPECT_FALSE(map.Get("labels", labels));
  EXPECT_THAT(
      map.Finish(),
      StatusIs(kInvalid,
               AllOf(HasSubstr("c.yaml:1: key 'text': a list where"),
                     HasSubstr("c.yaml:2: key 'empty': nothing where"),
                     HasSubstr("c.yaml:5: key 'list': a mapping where"),
                     HasSubstr("c.yaml:6: key 'map': a list where"),
                     HasSubstr("c.yaml:7: key 'labels': a single value"))));
  EXPECT_THAT(list, ElementsAre("default"));
}

TEST(YamlMapTest, ReportsMistakesOfNestedMappings) {
  YamlMap map = Parse(
      "fleets:\n"
      "  demo:\n"
      "    controllers: host:7117\n"
      "    kee: k.pem\n"
      "other: 1\n");
  YamlMap fleets = map.GetMap("fleets");
  for (const std::string& name : fleets.Keys()) {
    YamlMap fleet = fleets.GetMap(name);
    std::vector<std::string> controllers;
    std::string path;
    EXPECT_TRUE(fleet.Get("controllers", controllers));
    fleet.Get("key", path);
    fleet.Require("certificate");
  }
  EXPECT_THAT(
      map.Finish(),
      StatusIs(kInvalid,
               AllOf(HasSubstr("c.yaml:4: key 'fleets.demo.kee': unknown; "
                               "did you mean 'key'?"),
                     HasSubstr("key 'fleets.demo.certificate': is missing"),
                     HasSubstr("c.yaml:5: key 'other': unknown"))));
}

TEST(YamlMapTest, GivesAnEmptyMappingForAnAbsentOne) {
  YamlMap map = Parse("a: 1");
  uint32_t a = 0;
  map.Get("a", a);
  EXPECT_THAT(map.GetMap("nothing").Keys(), ElementsAre());
  EXPECT_THAT(map.Finish(), IsOk());
}

TEST(YamlMapTest, NamesMissingKeys) {
  YamlMap map = Parse("a: 1");
  map.Require("a");
  map.Require("fleet");
  EXPECT_THAT(map.Finish(),
              StatusIs(kInvalid, "c.yaml:1: key 'fleet': is missing; add it"));
}

TEST(YamlMapTest, TakesMistakesOfTheCaller) {
  YamlMap map = Parse("a: 1\nport: 7x\n");
  map.Require("a");
  map.AddMistake("port", "not a port");
  EXPECT_THAT(map.Finish(),
              StatusIs(kInvalid, "c.yaml:2: key 'port': not a port"));
}

// The first or the last would win, and nobody could tell which.
TEST(YamlMapTest, NamesKeysThatAreThereTwice) {
  YamlMap map = Parse("a: 1\nb: 2\na: 3\n");
  uint32_t value = 0;
  map.Get("a", value);
  map.Get("b", value);
  EXPECT_THAT(map.Finish(),
              StatusIs(kInvalid, HasSubstr("c.yaml:3: key 'a': is there "
                                           "twice")));
}

TEST(YamlMapTest, NamesPlaceOfBrokenYaml) {
  EXPECT_THAT(YamlMap::Parse("a: 1\nb: [2\nc: 3\n", "c.yaml"),
              StatusIs(kInvalid, StartsWith("c.yaml:3:")));
  EXPECT_THAT(YamlMap::Parse("a:\n\t- b\n", "c.yaml"),
              StatusIs(kInvalid, StartsWith("c.yaml:2:")));
}

TEST(YamlMapTest, RefusesWhatIsNoMapping) {
  EXPECT_THAT(YamlMap::Parse("- a\n- b\n", "c.yaml"),
              StatusIs(kInvalid, HasSubstr("a list where")));
  EXPECT_THAT(YamlMap::Parse("hello\n", "c.yaml"),
              StatusIs(kInvalid, HasSubstr("a single value where")));
  EXPECT_THAT(YamlMap::Parse("a: 1\n---\nb: 2\n", "c.yaml"),
              StatusIs(kInvalid, StartsWith("c.yaml:2: what begins here")));
}

// yaml-cpp takes such a file for empty, or never comes to its end.
TEST(YamlMapTest, RefusesAStrayCommaBeforeOrAfterTheMapping) {
  EXPECT_THAT(YamlMap::Parse(", a: 1\n", "c.yaml"),
              StatusIs(kInvalid, StartsWith("c.yaml:1:")));
  EXPECT_THAT(YamlMap::Parse("{a: 1}\n]\n", "c.yaml"),
              StatusIs(kInvalid, StartsWith("c.yaml:2:")));
}

TEST(YamlMapTest, NamesKeysThatAreNoWords) {
  YamlMap map = Parse("[a, b]: c\n");
  EXPECT_THAT(map.Finish(),
              StatusIs(kInvalid, HasSubstr("a key must be a word")));
}

TEST(YamlMapTest, AListOfMappingsNamesEachMistakeWithItsPlace) {
  YamlMap map = Parse("list:\n- {a: x}\n- {a: y, b: z}\n- 3\nother: x\n");
  std::vector<std::string> values;
  for (YamlMap& entry : map.GetMaps("list")) {
    entry.Get("a", values.emplace_back());
  }
  EXPECT_THAT(values, ElementsAre("x", "y", ""));
  EXPECT_EQ(map.GetMaps("absent").size(), 0u);
  EXPECT_EQ(map.GetMaps("other").size(), 0u);
  EXPECT_THAT(
      map.Finish(),
      StatusIs(kInvalid, AllOf(HasSubstr("c.yaml:3: key 'list[1].b': unknown"),
                               HasSubstr("c.yaml:4: key 'list[2]': a single"),
                               HasSubstr("c.yaml:5: key 'other': a single"))));
}

TEST(YamlMapTest, LoadsFiles) {
  const testing::TemporaryDirectory directory;
  const std::string path = directory.path() + "/a.yaml";
  std::ofstream(path) << "fleet: demo\n";
  TUTTI_ASSERT_OK_AND_ASSIGN(YamlMap map, YamlMap::Load(path));
  std::string fleet;
  EXPECT_TRUE(map.Get("fleet", fleet));
  EXPECT_EQ(fleet, "demo");
}

TEST(YamlMapTest, NamesAFileThatIsNotThere) {
  EXPECT_THAT(
      YamlMap::Load("/nonexistent/a.yaml"),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nonexistent/a.yaml")));
}

}  // namespace
}  // namespace tutti
