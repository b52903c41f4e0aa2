#include "common/signing/target_parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tutti {
namespace {

using ::testing::HasSubstr;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

std::string Serialized(
    const std::vector<std::pair<std::string, std::string>>& variables) {
  v1::TargetParameters parameters;
  for (const auto& [name, value] : variables) {
    v1::EnvironmentVariable& variable = *parameters.add_variables();
    variable.set_name(name);
    variable.set_value(value);
  }
  return parameters.SerializeAsString();
}

ParameterList ListOf(
    const std::vector<std::pair<std::string, std::string>>& entries) {
  ParameterList list;
  for (const auto& [target, parameters] : entries) {
    v1::JobParameters& entry = *list.Add();
    entry.set_target(target);
    entry.set_parameters(parameters);
  }
  return list;
}

TEST(TargetParametersTest, AreSortedUniqueAndOfGoodNames) {
  EXPECT_THAT(ParseParameters(Serialized({{"A", "1"}, {"A_2", ""}})), IsOk());
  EXPECT_THAT(ParseParameters(""), IsOk());
  for (const auto& bad :
       {Serialized({{"B", ""}, {"A", ""}}), Serialized({{"A", ""}, {"A", ""}}),
        Serialized({{"a", ""}}), Serialized({{"A-B", ""}}),
        Serialized({{"", ""}}), Serialized({{"A", std::string(1, 0)}}),
        std::string("\xff")}) {
    EXPECT_THAT(ParseParameters(bad), StatusIs(kInvalid, HasSubstr(";")));
  }
}

// 10,000 targets must not fill the controller's memory.
TEST(TargetParametersTest, HaveALimitEachAndInAll) {
  const std::string most = Serialized({{"A", std::string(65'500, 'x')}});
  EXPECT_THAT(ParseParameters(most), IsOk());
  EXPECT_THAT(ParseParameters(most + Serialized({{"B", "12345678901234567"},
                                                 {"C", "1234567890123456"}})),
              StatusIs(kInvalid, HasSubstr("65536")));
  std::vector<std::pair<std::string, std::string>> entries;
  std::vector<std::string> names;
  for (int i = 10; i < 75; ++i) {
    names.push_back("web" + std::to_string(i));
    entries.emplace_back(names.back(), most);
  }
  EXPECT_THAT(CheckParameterList(ListOf(entries), names),
              StatusIs(kInvalid, HasSubstr("4.0 MiB")));
  entries.resize(60);
  EXPECT_THAT(CheckParameterList(ListOf(entries), names), IsOk());
}

TEST(TargetParametersTest, AListIsInOrderOfItsTargets) {
  const std::vector<std::string> names = {"a", "b", "c"};
  const std::string some = Serialized({{"A", "1"}});
  const ParameterList list = ListOf({{"a", some}, {"c", "other"}});
  EXPECT_EQ(ParametersOf(list, "a"), some);
  EXPECT_EQ(ParametersOf(list, "b"), "");
  EXPECT_THAT(CheckParameterList(ListOf({{"a", some}, {"c", some}}), names),
              IsOk());
  for (const ParameterList& bad :
       {ListOf({{"c", some}, {"a", some}}), ListOf({{"a", some}, {"a", some}}),
        ListOf({{"d", some}})}) {
    EXPECT_THAT(CheckParameterList(bad, names),
                StatusIs(kInvalid, HasSubstr("in order")));
  }
}

}  // namespace
}  // namespace tutti
