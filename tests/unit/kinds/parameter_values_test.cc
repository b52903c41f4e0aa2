#include "common/kinds/parameter_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tutti {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::tutti::testing::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

Manifest MakeManifest() {
  return *ParseManifest(
      "name: deploy\nprogram: /bin/sh\nparameters:\n"
      "- {name: text, pattern: '[a-z]+'}\n"
      "- {name: level, enum: [low, high], default: low}\n"
      "- {name: count, type: integer}\n"
      "- {name: part, type: number}\n"
      "- {name: dry, type: boolean}\n"
      "- {name: parts, type: list, pattern: '[a-z]+'}\n"
      "- {name: api-key, secret: true, pattern: '[a-z]+'}\n",
      "/k/deploy.yaml");
}

absl::StatusOr<std::string> Complete(std::string_view given,
                                     const SecretParameters& secrets = {}) {
  auto values = ParseParameterObject(given);
  if (!values.ok()) return values.status();
  values = CompleteValues(MakeManifest(), *values, secrets);
  if (!values.ok()) return values.status();
  return values->dump();
}

TEST(ParameterValuesTest, TextsBecomeWhatTheParameterIs) {
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const std::string texts,
      Complete(R"({"count": "5", "part": "0.5", "dry": "yes", "parts": "a",
                   "text": "b"})"));
  EXPECT_EQ(texts,
            R"({"text":"b","level":"low","count":5,"part":0.5,"dry":true,)"
            R"("parts":["a"]})");
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const std::string values,
      Complete(
          R"({"count": 5, "part": 2, "dry": false, "parts": ["a", "b"]})"));
  EXPECT_EQ(values, R"({"level":"low","count":5,"part":2,"dry":false,)"
                    R"("parts":["a","b"]})");
  TUTTI_ASSERT_OK_AND_ASSIGN(const std::string list,
                             Complete(R"({"parts": "[\"a\", \"b\"]"})"));
  EXPECT_EQ(list, R"({"level":"low","parts":["a","b"]})");
  TUTTI_ASSERT_OK_AND_ASSIGN(const std::string none, Complete(""));
  EXPECT_EQ(none, R"({"level":"low"})");
}

TEST(ParameterValuesTest, WhatDoesNotFitIsNamedWithTheRemedy) {
  struct Case {
    std::string given;
    std::string text;
  };
  for (const Case& bad : std::vector<Case>{
           {"[]", "no JSON object"},
           {std::string(1000, '['), "no JSON object"},
           {R"({"levl": "low"})", "no parameter 'levl'; did you mean level?"},
           {R"({"zzz": "low"})", "it has text, level, count"},
           {R"({"level": "hig"})", "(did you mean high?)"},
           {R"({"text": "A"})", "parameter 'text': 'A' does not match [a-z]+"},
           {R"({"text": "ab\ncd"})", "does not match"},
           {R"({"text": 5})", "is no text"},
           {R"({"count": "5x"})", "'5x' is no whole number"},
           {R"({"count": 1.5})", "'1.5' is no whole number"},
           {R"({"count": null})", "is no whole number"},
           {R"({"part": "nan"})", "is no number"},
           {R"({"dry": "maybe"})", "neither true nor false"},
           {R"({"parts": {"a": 1}})", "is no list"},
           {R"({"parts": "[1"})", "is no list"},
           {R"({"parts": [1]})", "is no text"},
           {R"({"parts": ["A"]})", "does not match"},
           {R"({"api-key": "x"})", "--secret API_KEY=@FILE"}}) {
    EXPECT_THAT(Complete(bad.given).status(),
                StatusIs(kInvalid, HasSubstr(bad.text)))
        << bad.given;
  }
}

// A secret in an error ends in journals.
TEST(ParameterValuesTest, ErrorsTellNoSecrets) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const std::string values,
                             Complete("", {{"API_KEY", "hunter"}}));
  EXPECT_EQ(values, R"({"level":"low","api-key":"hunter"})");
  EXPECT_THAT(Complete("", {{"API_KEY", "HUNTER2"}}).status(),
              StatusIs(kInvalid, AllOf(HasSubstr("'api-key': its value"),
                                       Not(HasSubstr("HUNTER2")))));
  EXPECT_THAT(Complete("", {{"OTHER_KEY", "x"}}).status(),
              StatusIs(kInvalid, HasSubstr("no secret parameter 'OTHER_KEY'")));
}

}  // namespace
}  // namespace tutti
