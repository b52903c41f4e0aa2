// A job's output for programs.
#ifndef CONTROLLER_CLI_FOLLOW_JSON_VIEW_H_
#define CONTROLLER_CLI_FOLLOW_JSON_VIEW_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "controller/cli/follow/output_view.h"
#include "controller/cli/follow/side_message.h"
#include "controller/cli/follow/streams.h"
#include "controller/cli/output.h"

namespace tutti::cli {

// `-o jsonl`: one event a line, each with "v", "type" and "time". "job" comes
// first; then "output" ("text", or "base64" where the bytes are no UTF-8; of
// messages and results, which come as a whole, "json" where they are that),
// "missing" and "state" for each task; "end" comes last. A UTF-8 character
// that chunks cut in two goes with the later one.
class JsonLinesView final : public OutputView {
 public:
  JsonLinesView(const FollowedJob& job, const Clock& clock, Sinks sinks);

  void OnOutput(size_t task, const OutputPiece& piece) override;
  void OnAttempt(size_t task) override;
  void OnStatus(size_t task) override;
  absl::Status Finish(int exit_status) override;

 private:
  void Write(const Json& event);
  void WriteOutput(size_t task, const OutputPiece& piece,
                   std::string_view bytes);
  // Of a message or a result.
  void WriteParsed(size_t task, const OutputPiece& piece,
                   std::string_view text);
  Json OutputEvent(size_t task, const OutputPiece& piece) const;
  void FinishTask(size_t task);
  // What waits for more that does not come.
  void WriteRests(size_t task);
  // It comes as the bytes that it is, in parts.
  void BreakResult(size_t task);

  struct Task {
    // Bytes of a cut character, and the result so far.
    ByStream<std::string> rests;
    MessageLines messages;
    bool result_in_parts = false;
  };

  const FollowedJob& job_;
  const Clock& clock_;
  const Sinks sinks_;
  std::vector<Task> tasks_;
  // Of all results in `rests` that are whole so far.
  uint64_t result_bytes_ = 0;
};

// `-o json`: collects everything, for one document at the end. What is beyond
// kTotalLimit is counted as missing.
class JsonDocumentView final : public OutputView {
 public:
  // Bytes of output, over all tasks.
  static constexpr uint64_t kTotalLimit = 512 << 20;

  JsonDocumentView(const FollowedJob& job, Sinks sinks);

  void OnOutput(size_t task, const OutputPiece& piece) override;
  void OnAttempt(size_t task) override;
  void OnStatus(size_t) override {}
  absl::Status Finish(int exit_status) override;

 private:
  struct Collected {
    ByStream<std::string> streams;
    std::vector<std::string> remarks;
    uint64_t missing_bytes = 0;
  };
  static void AddStreams(Collected& collected, Json& entry);

  const FollowedJob& job_;
  const Sinks sinks_;
  std::vector<Collected> collected_;
  uint64_t total_ = 0;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_JSON_VIEW_H_
