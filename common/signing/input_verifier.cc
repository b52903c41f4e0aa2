#include "common/signing/input_verifier.h"

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/sha256.h"
#include "common/signing/input_chunk.h"

namespace tutti {
namespace {

absl::Status Unreadable() {
  return InvalidArgument(
      "a chunk of input can not be parsed; it was damaged on its way, or the "
      "program that made it is of another version");
}

template <typename Message>
bool Parse(std::string_view bytes, Message& message) {
  return bytes.size() <= kMaxSignedInputBytes &&
         message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace

absl::StatusOr<InputVerifier> InputVerifier::Create(
    const std::optional<std::string>& public_key, const v1::AttemptKey& key,
    bool has_terminal, Progress progress) {
  std::optional<PublicKey> parsed;
  if (public_key.has_value()) {
    TUTTI_ASSIGN_OR_RETURN(parsed, PublicKey::FromDer(*public_key));
  }
  return InputVerifier(std::move(parsed), key, has_terminal,
                       std::move(progress));
}

absl::StatusOr<std::optional<v1::InputChunk>> InputVerifier::Check(
    std::string_view signed_input) {
  v1::SignedInput input;
  v1::InputChunk chunk;
  if (!Parse(signed_input, input) || !Parse(input.chunk(), chunk)) {
    return Unreadable();
  }
  if (chunk.job_uuid() != job_uuid_ || chunk.attempt() != attempt_) {
    return PermissionDenied(
        "a chunk of input is for another job or attempt; send it there");
  }
  if (chunk.number() < progress_.received) return std::nullopt;
  TUTTI_RETURN_IF_ERROR(CheckIsNext(chunk));
  TUTTI_RETURN_IF_ERROR(CheckSignature(input, chunk));
  TUTTI_RETURN_IF_ERROR(CheckInputContent(chunk, has_terminal_));
  progress_.received = chunk.number() + 1;
  if (public_key_.has_value()) progress_.previous = Sha256(input.chunk());
  ended_ = chunk.has_end();
  return chunk;
}

absl::Status InputVerifier::CheckSignature(const v1::SignedInput& input,
                                           const v1::InputChunk& chunk) const {
  if (!public_key_.has_value() ||
      public_key_->VerifySignature(SignedInputBytes(input.chunk()),
                                   input.signature())) {
    return absl::OkStatus();
  }
  return PermissionDenied(
      "the signature of input chunk {} does not fit it: it was changed after "
      "it was signed, or the key is another one than the job's",
      chunk.number());
}

absl::Status InputVerifier::CheckIsNext(const v1::InputChunk& chunk) const {
  if (ended_) {
    return FailedPrecondition(
        "input chunk {} came after the end of the input; nothing may follow it",
        chunk.number());
  }
  if (chunk.number() > progress_.received) {
    return FailedPrecondition(
        "input chunk {} came where {} is the next; send those between first",
        chunk.number(), progress_.received);
  }
  if (chunk.previous() != progress_.previous) {
    return PermissionDenied(
        "input chunk {} was not signed to follow the one before it; send what "
        "the operator signed",
        chunk.number());
  }
  return absl::OkStatus();
}

}  // namespace tutti
