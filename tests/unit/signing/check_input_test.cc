// The rules about input and terminals. Where one of them breaks, a job starts
// that nobody can feed, or that hands a program a TERM that is a path.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/x509.h>

#include <string>

#include "common/identity/key.h"
#include "common/signing/envelope.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/signing/test_fleet.h"

namespace tutti {
namespace {

using ::testing::HasSubstr;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;

auto RefusedWith(const std::string& text) {
  return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(text));
}

std::string KeyOfAnotherCurve() {
  const EvpPkeyPtr key(EVP_EC_gen("P-384"));
  std::string der(static_cast<size_t>(i2d_PUBKEY(key.get(), nullptr)), '\0');
  auto* at = reinterpret_cast<unsigned char*>(der.data());
  i2d_PUBKEY(key.get(), &at);
  return der;
}

class CheckInputTest : public ::testing::Test {
 protected:
  void SetUp() override {
    TUTTI_ASSERT_OK_AND_ASSIGN(const PrivateKey key, PrivateKey::Generate());
    public_key_ = key.PublicKeyDer();
    spec_.mutable_input()->mutable_stream()->set_public_key(public_key_);
  }

  v1::Terminal& AddTerminal() {
    v1::Terminal& terminal = *spec_.mutable_terminal();
    terminal.set_type("xterm-256color");
    terminal.mutable_size()->set_rows(24);
    terminal.mutable_size()->set_columns(80);
    return terminal;
  }

  v1::JobSpec spec_ = testing::MakeSpec("demo", {"web01", "web02"});
  std::string public_key_;
};

TEST_F(CheckInputTest, AcceptsAStreamAndATerminal) {
  EXPECT_THAT(CheckSpec(spec_), IsOk());
  AddTerminal();
  EXPECT_THAT(CheckSpec(spec_), IsOk());
}

// Nobody signs content: whatever else reads it would trust the network.
TEST_F(CheckInputTest, OnlyACopyTakesContent) {
  spec_.mutable_input()->mutable_content();
  EXPECT_THAT(CheckSpec(spec_), RefusedWith("only a copy"));
  spec_.mutable_copy()->set_destination("/srv");
  spec_.mutable_copy()->set_manifest_digest(std::string(32, 'd'));
  EXPECT_THAT(CheckSpec(spec_), IsOk());
  spec_.set_attempt(2);
  EXPECT_THAT(CheckSpec(spec_), IsOk());
  AddTerminal();
  EXPECT_THAT(CheckSpec(spec_), RefusedWith("terminal"));
}

TEST_F(CheckInputTest, RefusesWhatIsNoKey) {
  for (const std::string& key : {std::string(), std::string("key"),
                                 public_key_ + "x", public_key_.substr(1)}) {
    spec_.mutable_input()->mutable_stream()->set_public_key(key);
    EXPECT_THAT(CheckSpec(spec_), RefusedWith("input: the public key"));
  }
}

TEST_F(CheckInputTest, RefusesAKeyOfAnotherCurve) {
  spec_.mutable_input()->mutable_stream()->set_public_key(KeyOfAnotherCurve());
  EXPECT_THAT(CheckSpec(spec_), RefusedWith("use P-256"));
}

// Its input would be given to the wrong attempt, or twice.
TEST_F(CheckInputTest, RefusesASecondAttempt) {
  spec_.set_attempt(2);
  EXPECT_THAT(CheckSpec(spec_), RefusedWith("input: a job that takes input"));
}

TEST_F(CheckInputTest, RefusesATerminalWithoutInput) {
  AddTerminal();
  spec_.mutable_input()->mutable_none();
  EXPECT_THAT(CheckSpec(spec_), RefusedWith("terminal: a terminal needs"));
}

TEST_F(CheckInputTest, RefusesTypesThatAreNoValueOfTerm) {
  for (const std::string& type :
       {std::string(), std::string("x term"), std::string("a\0b", 3),
        std::string("../evil"), std::string("\x1b[2J"), std::string("xt\xc3"),
        std::string(65, 'x')}) {
    AddTerminal().set_type(type);
    EXPECT_THAT(CheckSpec(spec_), RefusedWith("terminal: its type")) << type;
  }
  AddTerminal().set_type(std::string(64, 'x'));
  EXPECT_THAT(CheckSpec(spec_), IsOk());
}

TEST_F(CheckInputTest, RefusesSideStreamsBesideATerminal) {
  spec_.set_side_streams(true);
  EXPECT_THAT(CheckSpec(spec_), IsOk());
  AddTerminal();
  EXPECT_THAT(CheckSpec(spec_), RefusedWith("side_streams: "));
}

TEST_F(CheckInputTest, RefusesWindowsOfNoSize) {
  AddTerminal().mutable_size()->set_rows(0);
  EXPECT_THAT(CheckSpec(spec_), RefusedWith("terminal: no window has 0 rows"));
  AddTerminal().mutable_size()->set_columns(65'536);
  EXPECT_THAT(CheckSpec(spec_), RefusedWith("65536 columns"));
  AddTerminal().clear_size();
  EXPECT_THAT(CheckSpec(spec_), RefusedWith("terminal:"));
  AddTerminal().mutable_size()->set_columns(65'535);
  EXPECT_THAT(CheckSpec(spec_), IsOk());
}

}  // namespace
}  // namespace tutti
