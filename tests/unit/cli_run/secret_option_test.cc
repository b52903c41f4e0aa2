#include "controller/cli/run/secret_option.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "common/base/files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::tutti::testing::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class SecretOptionTest : public ::testing::Test {
 protected:
  std::string Written(const std::string& content) {
    const std::string path = directory_.File("secret");
    EXPECT_TRUE(WriteFileAtomically(path, content, 0600).ok());
    return path;
  }
  tutti::testing::TemporaryDirectory directory_;
};

TEST_F(SecretOptionTest, ComeFromFilesAndTheEnvironmentSortedByName) {
  setenv("SECRET_OPTION_TEST", "of the shell", 1);
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const SecretList list,
      ReadSecrets({"TOKEN=@" + Written("a\nb\n\n"), "SECRET_OPTION_TEST"}));
  ASSERT_EQ(list.size(), 2);
  EXPECT_EQ(list[0].name(), "SECRET_OPTION_TEST");
  EXPECT_EQ(list[0].value(), "of the shell");
  // One newline is the editor's, the rest the value's.
  EXPECT_EQ(list[1].value(), "a\nb\n");
}

TEST_F(SecretOptionTest, AValueOnTheCommandLineIsRefusedAndNotRepeated) {
  EXPECT_THAT(ReadSecrets({"TOKEN=hunter2"}),
              StatusIs(kInvalid, AllOf(HasSubstr("TOKEN=@FILE"),
                                       Not(HasSubstr("hunter2")))));
}

TEST_F(SecretOptionTest, WhatCanNotBeIsRefused) {
  for (const std::string& bad :
       {std::string("NOT_IN_THE_ENVIRONMENT"), std::string("A=@"),
        std::string("A-B"), std::string("TUTTI_X"), std::string("=@f"),
        "A=@" + directory_.File("none")}) {
    EXPECT_FALSE(ReadSecrets({bad}).ok()) << bad;
  }
  const std::string good = "A=@" + Written("x");
  EXPECT_THAT(ReadSecrets({good, good}),
              StatusIs(kInvalid, HasSubstr("twice")));
  EXPECT_THAT(ReadSecrets({"A=@" + Written(std::string("a\0", 2))}),
              StatusIs(kInvalid, HasSubstr("NUL")));
  EXPECT_FALSE(
      ReadSecrets({"A=@" + Written(std::string(kMaxSecretBytes + 1, 'x'))})
          .ok());
}

// A retry with the digests of the first attempt would be refused everywhere.
TEST_F(SecretOptionTest, ARetryNeedsTheSameNames) {
  v1::JobSpec work;
  work.add_secrets()->set_name("A");
  work.add_secrets()->set_name("B");
  EXPECT_THAT(RenewSecrets({}, work),
              StatusIs(kInvalid, HasSubstr("A, B; give each")));
  SecretList list;
  *list.Add() = MakeSecret("A", "1").value();
  *list.Add() = MakeSecret("B", "2").value();
  TUTTI_EXPECT_OK(RenewSecrets(list, work));
  TUTTI_EXPECT_OK(CheckSecrets(work, list));
  *list.Add() = MakeSecret("C", "3").value();
  EXPECT_THAT(RenewSecrets(list, work),
              StatusIs(kInvalid, HasSubstr("none called C")));
}

}  // namespace
}  // namespace tutti::cli
