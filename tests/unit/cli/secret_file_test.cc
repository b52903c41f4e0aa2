#include "controller/cli/token/secret_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::tutti::testing::StatusIs;

class SecretFileTest : public ::testing::Test {
 protected:
  ::tutti::testing::TemporaryDirectory directory_;
  const std::string path_ = directory_.File("web.token");
};

TEST_F(SecretFileTest, OnlyItsOwnerReadsIt) {
  {
    TUTTI_ASSERT_OK_AND_ASSIGN(const auto file, SecretFile::Create(path_));
    TUTTI_EXPECT_OK(file->Write("secret"));
  }
  EXPECT_EQ(*ReadFile(path_), "secret");
  EXPECT_FALSE(*IsReadableByOthers(path_));
}

// If this fails, a token that is still needed is overwritten.
TEST_F(SecretFileTest, AFileThatIsThereStays) {
  TUTTI_ASSERT_OK(WriteFileAtomically(path_, "former", 0600));
  EXPECT_THAT(SecretFile::Create(path_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr(path_), HasSubstr("there already"))));
  EXPECT_EQ(*ReadFile(path_), "former");
}

TEST_F(SecretFileTest, WhatStaysEmptyIsRemoved) {
  TUTTI_ASSERT_OK(SecretFile::Create(path_));
  EXPECT_FALSE(ReadFile(path_).ok());
}

TEST_F(SecretFileTest, NoPlaceForItIsNamed) {
  EXPECT_THAT(SecretFile::Create(path_ + "/below"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("--out")));
}

}  // namespace
}  // namespace tutti::cli
