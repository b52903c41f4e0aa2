// The rules of CheckSpec and CheckSpecTime, one by one. Where one of them
// breaks, something unsound gets signed, or is started on a target.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "common/base/duration.h"
#include "common/signing/envelope.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/signing/test_fleet.h"

namespace tutti {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::tutti::testing::IsOk;
using ::tutti::testing::kTestStart;
using ::tutti::testing::StatusIs;

v1::JobSpec GoodSpec() { return testing::MakeSpec("demo", {"web01", "web02"}); }

struct BadSpecCase {
  std::string name;
  std::function<void(v1::JobSpec&)> spoil;
  // Field that the refusal begins with.
  std::string field;
};

void PrintTo(const BadSpecCase& bad, std::ostream* stream) {
  *stream << bad.name;
}

class BadSpecTest : public ::testing::TestWithParam<BadSpecCase> {};

TEST_P(BadSpecTest, IsRefusedByItsField) {
  v1::JobSpec spec = GoodSpec();
  GetParam().spoil(spec);
  EXPECT_THAT(CheckSpec(spec), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr(GetParam().field)));
}

void AddVariable(v1::JobSpec& spec, const std::string& name,
                 const std::string& value) {
  v1::EnvironmentVariable& variable = *spec.add_environment();
  variable.set_name(name);
  variable.set_value(value);
}

void AddSecret(v1::JobSpec& spec, const std::string& name,
               size_t digest_bytes = 32) {
  v1::SecretVariable& variable = *spec.add_secrets();
  variable.set_name(name);
  variable.set_digest(std::string(digest_bytes, 'd'));
}

const std::string kNul("a\0b", 3);

std::vector<BadSpecCase> BadJobs() {
  return {
      {"NoFleet", [](auto& s) { s.clear_fleet(); }, "fleet:"},
      {"BadFleet", [](auto& s) { s.set_fleet("a.b"); }, "fleet:"},
      {"BadSecret", [](auto& s) { AddSecret(s, "A B"); }, "secrets:"},
      {"OwnSecret", [](auto& s) { AddSecret(s, "TUTTI_JOB"); }, "secrets:"},
      {"ShortDigest", [](auto& s) { AddSecret(s, "A", 31); }, "secrets:"},
      {"TwiceSecret",
       [](auto& s) {
         AddSecret(s, "A");
         AddSecret(s, "A");
       },
       "secrets:"},
      {"SecretIsVariable",
       [](auto& s) {
         AddVariable(s, "A", "");
         AddSecret(s, "A");
       },
       "secrets:"},
      {"NoUuid", [](auto& s) { s.clear_job_uuid(); }, "job_uuid:"},
      {"ShortUuid", [](auto& s) { s.set_job_uuid("0123456789"); }, "job_uuid:"},
      {"UuidOfVersion4", [](auto& s) { (*s.mutable_job_uuid())[6] = 0x41; },
       "job_uuid:"},
      {"UuidOfAnotherVariant",
       [](auto& s) { (*s.mutable_job_uuid())[8] = 0x11; }, "job_uuid:"},
      {"NoAttempt", [](auto& s) { s.clear_attempt(); }, "attempt:"},
      {"NoKind", [](auto& s) { s.clear_kind(); }, "kind:"},
      {"NoProgram", [](auto& s) { s.mutable_command()->clear_arguments(); },
       "command:"},
      {"EmptyProgram",
       [](auto& s) { s.mutable_command()->set_arguments(0, ""); }, "command:"},
      {"NulInProgram",
       [](auto& s) { s.mutable_command()->set_arguments(0, kNul); },
       "argument 0"},
      {"NulInArgument",
       [](auto& s) { s.mutable_command()->add_arguments(kNul); }, "argument 1"},
  };
}

std::vector<BadSpecCase> BadSurroundings() {
  return {
      {"VariableWithoutName", [](auto& s) { AddVariable(s, "", "x"); },
       "environment:"},
      {"VariableWithDash", [](auto& s) { AddVariable(s, "A-B", "x"); },
       "'A-B'"},
      {"VariableWithDigitFirst", [](auto& s) { AddVariable(s, "1A", "x"); },
       "'1A'"},
      {"VariableWithEquals", [](auto& s) { AddVariable(s, "A=B", "x"); },
       "'A=B'"},
      {"VariableOfTutti", [](auto& s) { AddVariable(s, "TUTTI_JOB", "x"); },
       "'TUTTI_JOB'"},
      {"VariableTwice",
       [](auto& s) {
         AddVariable(s, "A", "x");
         AddVariable(s, "A", "y");
       },
       "twice"},
      {"NulInVariable", [](auto& s) { AddVariable(s, "A", kNul); }, "'A'"},
      {"UserWithColon", [](auto& s) { s.set_user("alice:users"); }, "user:"},
      {"UserWithDashFirst", [](auto& s) { s.set_user("-alice"); }, "user:"},
      {"UserWithNul", [](auto& s) { s.set_user(kNul); }, "user:"},
      {"LongUser", [](auto& s) { s.set_user(std::string(300, 'a')); }, "user:"},
      {"GroupWithBlank", [](auto& s) { s.set_group("a b"); }, "group:"},
      {"RelativeDirectory", [](auto& s) { s.set_working_directory("tmp"); },
       "relative"},
      {"NulInDirectory",
       [](auto& s) { s.set_working_directory(std::string("/tmp/a\0b", 8)); },
       "working_directory:"},
  };
}

std::vector<BadSpecCase> BadTimes() {
  return {
      {"ZeroTimeout", [](auto& s) { s.mutable_timeout(); }, "timeout:"},
      {"NegativeTimeout", [](auto& s) { s.mutable_timeout()->set_seconds(-1); },
       "timeout:"},
      {"NegativeNanoseconds",
       [](auto& s) {
         s.mutable_timeout()->set_seconds(1);
         s.mutable_timeout()->set_nanos(-1);
       },
       "timeout:"},
      {"EndlessTimeout",
       [](auto& s) { s.mutable_timeout()->set_seconds(int64_t{1} << 60); },
       "timeout:"},
      {"NegativeGrace", [](auto& s) { s.mutable_grace()->set_seconds(-1); },
       "grace:"},
      {"NotIssued", [](auto& s) { s.clear_issued_at(); }, "issued_at:"},
      {"NoExpiry", [](auto& s) { s.clear_expires_at(); }, "expires_at:"},
      {"TimeOutOfRange",
       [](auto& s) { s.mutable_expires_at()->set_seconds(int64_t{1} << 60); },
       "expires_at:"},
      {"ExpiresBeforeIssue",
       [](auto& s) { *s.mutable_expires_at() = s.issued_at(); }, "expires_at:"},
      {"LivesTooLong",
       [](auto& s) {
         *s.mutable_expires_at() =
             ToProto(kTestStart + kMaxSpecLife + absl::Seconds(1));
       },
       "expires_at:"},
  };
}

std::vector<BadSpecCase> BadTargets() {
  return {
      {"NoTargets", [](auto& s) { s.clear_target_count(); }, "target_count:"},
      {"NoRoot", [](auto& s) { s.clear_targets_root(); }, "targets_root:"},
      {"ShortRoot", [](auto& s) { s.mutable_targets_root()->pop_back(); },
       "targets_root:"},
      {"NoInputRule", [](auto& s) { s.clear_input(); }, "input:"},
      {"EmptyInputRule", [](auto& s) { s.mutable_input()->Clear(); }, "input:"},
      // A later version's restriction would be ignored.
      {"UnknownField",
       [](auto& s) {
         s.GetReflection()->MutableUnknownFields(&s)->AddVarint(1000, 1);
       },
       "upgrade"},
      {"UnknownFieldDeepInside",
       [](auto& s) {
         v1::EnvironmentVariable& variable = *s.add_environment();
         variable.set_name("A");
         variable.GetReflection()->MutableUnknownFields(&variable)->AddVarint(
             1000, 1);
       },
       "upgrade"},
  };
}

std::string CaseName(const ::testing::TestParamInfo<BadSpecCase>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Job, BadSpecTest, ::testing::ValuesIn(BadJobs()),
                         CaseName);
INSTANTIATE_TEST_SUITE_P(Surroundings, BadSpecTest,
                         ::testing::ValuesIn(BadSurroundings()), CaseName);
INSTANTIATE_TEST_SUITE_P(Times, BadSpecTest, ::testing::ValuesIn(BadTimes()),
                         CaseName);
INSTANTIATE_TEST_SUITE_P(Targets, BadSpecTest,
                         ::testing::ValuesIn(BadTargets()), CaseName);

TEST(CheckSpecTest, AcceptsAPlainJob) {
  EXPECT_THAT(CheckSpec(GoodSpec()), IsOk());
}

TEST(CheckSpecTest, AcceptsEveryOptionalField) {
  v1::JobSpec spec = GoodSpec();
  spec.mutable_command()->add_arguments("");
  spec.mutable_command()->add_arguments("\xff\xfe [a,b] --");
  AddVariable(spec, "_a1", "\xff=\n");
  AddVariable(spec, "A", "");
  spec.set_user("alice@example.com");
  spec.set_group("EXAMPLE\\users");
  spec.set_working_directory("/");
  spec.mutable_timeout()->set_nanos(1);
  spec.mutable_grace()->set_seconds(30);
  *spec.mutable_expires_at() = ToProto(kTestStart + kMaxSpecLife);
  EXPECT_THAT(CheckSpec(spec), IsOk());
}

TEST(CheckSpecTimeTest, HoldsFromIssueToExpiryGiveOrTakeFiveMinutes) {
  const v1::JobSpec spec = GoodSpec();
  const absl::Time end = kTestStart + absl::Hours(1);
  EXPECT_THAT(CheckSpecTime(spec, kTestStart), IsOk());
  EXPECT_THAT(CheckSpecTime(spec, kTestStart - absl::Minutes(5)), IsOk());
  EXPECT_THAT(CheckSpecTime(spec, end + absl::Minutes(5)), IsOk());
}

TEST(CheckSpecTimeTest, SaysHowFarTheClocksAreApart) {
  EXPECT_THAT(CheckSpecTime(GoodSpec(), kTestStart - absl::Minutes(17)),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       AllOf(HasSubstr("17m"), HasSubstr("behind"))));
}

TEST(CheckSpecTimeTest, SaysSinceWhenItIsExpired) {
  EXPECT_THAT(CheckSpecTime(GoodSpec(), kTestStart + absl::Hours(3)),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("expired 2h ago")));
}

TEST(CheckSpecTimeTest, RefusesALongLifeEvenWhileItHolds) {
  v1::JobSpec spec = GoodSpec();
  *spec.mutable_expires_at() = ToProto(kTestStart + absl::Hours(24 * 31));
  EXPECT_THAT(CheckSpecTime(spec, kTestStart),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("30d")));
}

}  // namespace
}  // namespace tutti
