#include "controller/cli/run/script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/base/files.h"
#include "common/signing/envelope.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;

class MakeScriptTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::JobSpec> Make(const std::string& text) {
    TUTTI_EXPECT_OK(WriteFileAtomically(path_, text, 0600));
    return MakeScript(std::vector<std::string>{path_, "-n", "", "a b"});
  }

  testing::TemporaryDirectory directory_;
  const std::string path_ = directory_.File("deploy.sh");
};

TEST_F(MakeScriptTest, TextAndArgumentsAreAsTheyAre) {
  const std::string text("#!/bin/sh\nprintf '\xff\0'\n", 22);
  TUTTI_ASSERT_OK_AND_ASSIGN(const v1::JobSpec work, Make(text));
  EXPECT_EQ(work.script().name(), "deploy.sh");
  EXPECT_EQ(work.script().text(), text);
  EXPECT_THAT(work.script().arguments(), ElementsAre("-n", "", "a b"));
}

// What no target could start is not signed.
TEST_F(MakeScriptTest, WhatNothingWouldRunIsRefusedWithTheRemedy) {
  for (const char* bad : {"echo hi\n", "", "#!\n", "#! \necho",
                          "\xef\xbb\xbf#!/bin/sh\n", "#!/bin/sh\r\necho\r\n"}) {
    EXPECT_THAT(Make(bad).status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                             HasSubstr("deploy.sh")))
        << bad;
  }
  EXPECT_THAT(MakeScript(std::nullopt), ::testing::Not(IsOk()));
  EXPECT_THAT(
      MakeScript(std::vector<std::string>{directory_.File("missing")}).status(),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("missing")));
}

TEST_F(MakeScriptTest, OneThatNoJobCanCarryIsRefused) {
  EXPECT_THAT(
      Make("#!/bin/sh\n" + std::string(kMaxSpecBytes, '#')).status(),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("4.0 MiB")));
}

}  // namespace
}  // namespace tutti::cli
