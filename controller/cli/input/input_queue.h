// Signed input that not every target has yet.
#ifndef CONTROLLER_CLI_INPUT_INPUT_QUEUE_H_
#define CONTROLLER_CLI_INPUT_INPUT_QUEUE_H_

#include <cstdint>
#include <deque>
#include <string>

#include "absl/status/status.h"
#include "common/signing/input_signer.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

// Signs what is to be sent and keeps it until the controller says that every
// target has it, so that it can be sent again; which is at most
// kMaxInputChunksAhead chunks. Not thread-safe.
class InputQueue {
 public:
  explicit InputQueue(InputSigner signer) : signer_(std::move(signer)) {}

  // Only with room. At most kMaxInputChunkBytes.
  absl::Status AddData(std::string data);
  absl::Status AddWindowSize(const v1::WindowSize& size);
  // Nothing comes after it.
  absl::Status AddEnd();

  bool has_room() const;
  bool ended() const { return ended_; }
  // The controller has everything, or nobody takes any more.
  bool delivered() const {
    return closed_ || (ended_ && next_ == first_ + chunks_.size());
  }
  // Nobody takes any more.
  bool closed() const { return closed_; }
  // Something may be sent now.
  bool has_work() const;

  // What may be sent now; without chunks when there is nothing. `job` is left
  // to the caller.
  v1::SendInputRequest MakeRequest() const;
  void OnAnswer(const v1::SendInputResponse& response);

 private:
  absl::Status Add(v1::InputChunk chunk);

  InputSigner signer_;
  // Number of the first of `chunks_`.
  uint64_t first_ = 0;
  std::deque<std::string> chunks_;
  // The one that the controller wants next, and how far it may be sent to.
  uint64_t next_ = 0;
  uint64_t credit_ = 0;
  bool ended_ = false;
  bool closed_ = false;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_INPUT_INPUT_QUEUE_H_
