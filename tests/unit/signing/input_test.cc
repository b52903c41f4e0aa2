// What the verifier of a job's input lets through. Where it lets through more,
// whoever sits between operator and target commands the operator's shell.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "common/identity/sha256.h"
#include "common/signing/input_chunk.h"
#include "common/signing/input_signer.h"
#include "common/signing/input_verifier.h"
#include "tests/support/status_matchers.h"

namespace tutti {
namespace {

using ::testing::HasSubstr;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;

const std::string kUuid(16, 'u');

InputSigner MakeSigner(const std::string& uuid = kUuid, uint32_t attempt = 1) {
  return *InputSigner::Create(uuid, attempt);
}

InputVerifier MakeVerifier(const InputSigner& signer, bool has_terminal = false,
                           InputVerifier::Progress progress = {}) {
  v1::AttemptKey key;
  key.set_job_uuid(kUuid);
  key.set_attempt(1);
  key.set_target("web01");
  return *InputVerifier::Create(signer.public_key(), key, has_terminal,
                                std::move(progress));
}

std::string Data(InputSigner& signer, std::string data) {
  v1::InputChunk chunk;
  chunk.set_data(std::move(data));
  return *signer.Sign(chunk);
}

std::string End(InputSigner& signer) {
  v1::InputChunk chunk;
  chunk.mutable_end();
  return *signer.Sign(chunk);
}

std::string Resize(InputSigner& signer, uint32_t rows, uint32_t columns) {
  v1::InputChunk chunk;
  chunk.mutable_window_size()->set_rows(rows);
  chunk.mutable_window_size()->set_columns(columns);
  return *signer.Sign(chunk);
}

// Signed by the right key, without the signer's own rules.
std::string SignAnyChunk(const PrivateKey& key, const v1::InputChunk& chunk) {
  v1::SignedInput input;
  input.set_chunk(chunk.SerializeAsString());
  std::string bytes("tutti input signature v1");
  bytes += '\0';
  input.set_signature(*key.Sign(bytes + input.chunk()));
  return input.SerializeAsString();
}

TEST(InputVerifierTest, AcceptsWhatWasSignedInOrder) {
  InputSigner signer = MakeSigner();
  InputVerifier verifier = MakeVerifier(signer);
  for (const std::string& data : {std::string("a\0b", 3), std::string(),
                                  std::string(kMaxInputChunkBytes, 'x')}) {
    TUTTI_ASSERT_OK_AND_ASSIGN(const std::optional<v1::InputChunk> chunk,
                               verifier.Check(Data(signer, data)));
    ASSERT_TRUE(chunk.has_value());
    EXPECT_EQ(chunk->data(), data);
  }
  TUTTI_ASSERT_OK_AND_ASSIGN(const std::optional<v1::InputChunk> end,
                             verifier.Check(End(signer)));
  EXPECT_TRUE(end.has_value() && end->has_end());
  EXPECT_EQ(verifier.progress().received, 4u);
}

// A copy's: the order is kept all the same, and the attempt's borders.
TEST(InputVerifierTest, AcceptsWhatNobodySignsWhereNobodyHasTo) {
  v1::AttemptKey key;
  key.set_job_uuid(kUuid);
  key.set_attempt(1);
  TUTTI_ASSERT_OK_AND_ASSIGN(
      InputVerifier verifier,
      InputVerifier::Create(std::nullopt, key, /*has_terminal=*/false, {}));
  const auto unsigned_chunk = [](uint32_t attempt, uint64_t number) {
    v1::InputChunk chunk;
    chunk.set_job_uuid(kUuid);
    chunk.set_attempt(attempt);
    chunk.set_number(number);
    chunk.set_data("block");
    v1::SignedInput input;
    input.set_chunk(chunk.SerializeAsString());
    return input.SerializeAsString();
  };
  EXPECT_THAT(verifier.Check(unsigned_chunk(1, 0)), IsOk());
  EXPECT_THAT(verifier.Check(unsigned_chunk(1, 2)),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("")));
  EXPECT_THAT(verifier.Check(unsigned_chunk(2, 1)),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("")));
  EXPECT_THAT(verifier.Check(unsigned_chunk(1, 1)), IsOk());
  EXPECT_EQ(verifier.progress().received, 2u);
}

// The format must not change under fleets that run.
TEST(InputVerifierTest, VerifiesTheDocumentedBytes) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const PrivateKey key, PrivateKey::Generate());
  v1::AttemptKey attempt;
  attempt.set_job_uuid(kUuid);
  attempt.set_attempt(1);
  TUTTI_ASSERT_OK_AND_ASSIGN(
      InputVerifier verifier,
      InputVerifier::Create(key.PublicKeyDer(), attempt, false, {}));
  v1::InputChunk chunk;
  chunk.set_job_uuid(kUuid);
  chunk.set_attempt(1);
  chunk.set_data("first");
  ASSERT_THAT(verifier.Check(SignAnyChunk(key, chunk)), IsOk());
  chunk.set_number(1);
  chunk.set_previous(Sha256(chunk.SerializeAsString()));
  EXPECT_THAT(verifier.Check(SignAnyChunk(key, chunk)),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("not signed to follow")));
}

TEST(InputVerifierTest, IgnoresWhatItHas) {
  InputSigner signer = MakeSigner();
  InputVerifier verifier = MakeVerifier(signer);
  const std::string first = Data(signer, "1");
  const std::string second = Data(signer, "2");
  ASSERT_THAT(verifier.Check(first), IsOk());
  ASSERT_THAT(verifier.Check(second), IsOk());
  TUTTI_ASSERT_OK_AND_ASSIGN(const std::optional<v1::InputChunk> again,
                             verifier.Check(first));
  EXPECT_FALSE(again.has_value());
  EXPECT_EQ(verifier.progress().received, 2u);
}

TEST(InputVerifierTest, RefusesAGapAndGoesOnOnceItIsFilled) {
  InputSigner signer = MakeSigner();
  InputVerifier verifier = MakeVerifier(signer);
  const std::string first = Data(signer, "1");
  const std::string second = Data(signer, "2");
  EXPECT_THAT(verifier.Check(second),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("1 came where 0 is the next")));
  EXPECT_THAT(verifier.Check(first), IsOk());
  EXPECT_THAT(verifier.Check(second), IsOk());
}

// One key must not make two inputs out of which a stranger mixes a third.
TEST(InputVerifierTest, RefusesAnotherChain) {
  InputSigner signer = MakeSigner();
  InputVerifier verifier = MakeVerifier(signer);
  ASSERT_THAT(verifier.Check(Data(signer, "rm -r")), IsOk());
  InputVerifier other =
      MakeVerifier(signer, false, {1, Sha256("another first chunk")});
  EXPECT_THAT(other.Check(Data(signer, " /tmp/x\n")),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("not signed to follow")));
}

TEST(InputVerifierTest, RefusesWhatAnotherKeySigned) {
  InputSigner signer = MakeSigner();
  InputSigner stranger = MakeSigner();
  InputVerifier verifier = MakeVerifier(signer);
  EXPECT_THAT(
      verifier.Check(Data(stranger, "x")),
      StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("signature")));
  EXPECT_EQ(verifier.progress().received, 0u);
  EXPECT_THAT(verifier.Check(Data(signer, "x")), IsOk());
}

TEST(InputVerifierTest, RefusesEveryChangedByte) {
  InputSigner signer = MakeSigner();
  const std::string good = Data(signer, "x");
  for (size_t i = 0; i < good.size(); ++i) {
    InputVerifier verifier = MakeVerifier(signer);
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_FALSE(verifier.Check(bad).ok()) << "byte " << i;
  }
}

TEST(InputVerifierTest, RefusesWhatIsForAnotherJobOrAttempt) {
  InputSigner other_job = MakeSigner(std::string(16, 'v'));
  InputSigner other_attempt = MakeSigner(kUuid, 2);
  for (InputSigner* signer : {&other_job, &other_attempt}) {
    InputVerifier verifier = MakeVerifier(*signer);
    EXPECT_THAT(verifier.Check(Data(*signer, "x")),
                StatusIs(absl::StatusCode::kPermissionDenied,
                         HasSubstr("another job or attempt")));
  }
}

TEST(InputVerifierTest, RefusesWhatFollowsTheEnd) {
  InputSigner signer = MakeSigner();
  InputVerifier verifier = MakeVerifier(signer);
  ASSERT_THAT(verifier.Check(End(signer)), IsOk());
  EXPECT_THAT(
      verifier.Check(Data(signer, "x")),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("the end")));
}

TEST(InputVerifierTest, TakesWindowSizesForTerminalsOnly) {
  InputSigner signer = MakeSigner();
  InputVerifier verifier = MakeVerifier(signer);
  InputVerifier of_terminal = MakeVerifier(signer, /*has_terminal=*/true);
  const std::string resize = Resize(signer, 24, 80);
  EXPECT_THAT(verifier.Check(resize),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("has no terminal")));
  EXPECT_THAT(of_terminal.Check(resize), IsOk());
}

TEST(InputVerifierTest, GoesOnWhereAnotherStood) {
  InputSigner signer = MakeSigner();
  InputVerifier first = MakeVerifier(signer);
  ASSERT_THAT(first.Check(Data(signer, "1")), IsOk());
  InputVerifier second = MakeVerifier(signer, false, first.progress());
  EXPECT_THAT(second.Check(Data(signer, "2")), IsOk());
}

TEST(InputVerifierTest, RefusesAnythingThatIsNoChunk) {
  InputSigner signer = MakeSigner();
  InputVerifier verifier = MakeVerifier(signer);
  for (const std::string& bytes :
       {std::string(), std::string("\xff"), std::string(1 << 20, '\0')}) {
    EXPECT_FALSE(verifier.Check(bytes).ok());
  }
}

TEST(InputSignerTest, SignsNothingThatNoTargetTakes) {
  InputSigner signer = MakeSigner();
  v1::InputChunk chunk;
  EXPECT_THAT(signer.Sign(chunk),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("says")));
  chunk.set_data(std::string(kMaxInputChunkBytes + 1, 'x'));
  EXPECT_THAT(signer.Sign(chunk), StatusIs(absl::StatusCode::kInvalidArgument,
                                           HasSubstr("32.0 KiB")));
  chunk.mutable_window_size()->set_rows(1);
  EXPECT_THAT(signer.Sign(chunk), StatusIs(absl::StatusCode::kInvalidArgument,
                                           HasSubstr("1 rows and 0 columns")));
}

}  // namespace
}  // namespace tutti
