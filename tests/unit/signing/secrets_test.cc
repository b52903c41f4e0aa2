#include "common/signing/secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace tutti {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class SecretsTest : public ::testing::Test {
 protected:
  SecretsTest() {
    Add("A", "first");
    Add("B", "");
  }
  void Add(const std::string& name, const std::string& value) {
    *list_.Add() = MakeSecret(name, value).value();
    *spec_.add_secrets() = ToVariable(*list_.rbegin());
  }

  v1::JobSpec spec_;
  SecretList list_;
};

TEST_F(SecretsTest, ThoseOfTheSpecAreGood) {
  TUTTI_EXPECT_OK(CheckSecrets(spec_, list_));
}

// If this fails, a controller can run a signed job with a value of its own.
TEST_F(SecretsTest, ChangedSwappedMissingAndAddedOnesAreNot) {
  SecretList changed = list_;
  changed[0].set_value("First");
  EXPECT_THAT(
      CheckSecrets(spec_, changed),
      StatusIs(kInvalid, AllOf(HasSubstr("'A'"), Not(HasSubstr("irst ")),
                               HasSubstr("signed for"))));
  SecretList swapped = list_;
  swapped.SwapElements(0, 1);
  EXPECT_THAT(CheckSecrets(spec_, swapped),
              StatusIs(kInvalid, HasSubstr("'A'")));
  SecretList missing = list_;
  missing.RemoveLast();
  EXPECT_THAT(CheckSecrets(spec_, missing),
              StatusIs(kInvalid, HasSubstr("'B' did not come along")));
  SecretList added = list_;
  added.Add()->set_name("C");
  EXPECT_THAT(CheckSecrets(spec_, added), StatusIs(kInvalid, HasSubstr("'C'")));
  SecretList moved = list_;
  moved[0].set_salt(list_[0].salt() + "f");
  moved[0].set_value("irst");
  EXPECT_FALSE(CheckSecrets(spec_, moved).ok());
}

TEST_F(SecretsTest, WhatNoEnvironmentHoldsAndTooMuchAreRefused) {
  Add("C", std::string("a\0b", 3));
  EXPECT_THAT(CheckSecrets(spec_, list_), StatusIs(kInvalid, HasSubstr("NUL")));
  list_.RemoveLast();
  spec_.mutable_secrets()->RemoveLast();
  Add("C", std::string(kMaxSecretBytes, 'x'));
  EXPECT_THAT(CheckSecrets(spec_, list_),
              StatusIs(kInvalid, HasSubstr("32768")));
}

// The digest is in the journal: it must not give a short value away.
TEST_F(SecretsTest, TheSameValueHasAnotherDigestEachTime) {
  EXPECT_NE(ToVariable(MakeSecret("A", "first").value()).digest(),
            spec_.secrets(0).digest());
  EXPECT_EQ(list_[0].salt().size(), 32u);
}

}  // namespace
}  // namespace tutti
