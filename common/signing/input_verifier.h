// Checks the input of a job.
#ifndef COMMON_SIGNING_INPUT_VERIFIER_H_
#define COMMON_SIGNING_INPUT_VERIFIER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/identity/key.h"
#include "tutti/v1/envelope.pb.h"
#include "tutti/v1/task.pb.h"

namespace tutti {

// Accepts what the holder of a job's key signed for one attempt of it, or what
// nobody signs (ContentInput), in order and each chunk once. Not thread-safe. A
// check costs one ECDSA verification (about 50 µs), but for chunks that are
// known already.
class InputVerifier {
 public:
  // Where an earlier verifier stood: so many chunks were accepted, and the
  // digest of the last.
  struct Progress {
    uint64_t received = 0;
    std::string previous;
  };

  // `public_key` is v1::StreamInput's, absent with v1::ContentInput.
  // INVALID_ARGUMENT unless it is P-256.
  static absl::StatusOr<InputVerifier> Create(
      const std::optional<std::string>& public_key, const v1::AttemptKey& key,
      bool has_terminal, Progress progress);

  // The content of a serialised v1::SignedInput; empty when a chunk of that
  // number was accepted before. Nothing changes with an error:
  // FAILED_PRECONDITION when chunks are missing before it or the input is at
  // its end, PERMISSION_DENIED when it is not what the operator signed to come
  // now, INVALID_ARGUMENT when it can not be parsed or no task takes it.
  absl::StatusOr<std::optional<v1::InputChunk>> Check(
      std::string_view signed_input);

  const Progress& progress() const { return progress_; }

 private:
  InputVerifier(std::optional<PublicKey> public_key, const v1::AttemptKey& key,
                bool has_terminal, Progress progress)
      : public_key_(std::move(public_key)),
        job_uuid_(key.job_uuid()),
        attempt_(key.attempt()),
        has_terminal_(has_terminal),
        progress_(std::move(progress)) {}
  absl::Status CheckIsNext(const v1::InputChunk& chunk) const;
  absl::Status CheckSignature(const v1::SignedInput& input,
                              const v1::InputChunk& chunk) const;

  // Absent: nothing is signed, and chunks name none before them.
  std::optional<PublicKey> public_key_;
  std::string job_uuid_;
  uint32_t attempt_;
  bool has_terminal_;
  Progress progress_;
  bool ended_ = false;
};

}  // namespace tutti

#endif  // COMMON_SIGNING_INPUT_VERIFIER_H_
