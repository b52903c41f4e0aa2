// `--output-dir DIR`: a file for each target and stream.
#ifndef CONTROLLER_CLI_FOLLOW_DIRECTORY_VIEW_H_
#define CONTROLLER_CLI_FOLLOW_DIRECTORY_VIEW_H_

#include <sys/types.h>

#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/file_descriptor.h"
#include "controller/cli/follow/output_view.h"
#include "controller/cli/follow/streams.h"

namespace tutti::cli {

// Makes DIR, or takes one that is empty, so that nothing of an earlier job is
// overwritten or mistaken for this one's. ALREADY_EXISTS when there is
// something in it.
absl::Status PrepareOutputDirectory(const std::string& path);

// Writes DIR/NAME.stdout and DIR/NAME.stderr, bytes unchanged; both are there
// for every target that ran, empty where it said nothing. DIR/NAME.message and
// DIR/NAME.result are there where it wrote some. Remarks, and a file
// that can not be written, go to standard error. Not thread-safe.
class DirectoryView final : public OutputView {
 public:
  // `directory` is prepared.
  DirectoryView(const FollowedJob& job, std::string directory, Sinks sinks);

  void OnOutput(size_t task, const OutputPiece& piece) override;
  void OnAttempt(size_t task) override;
  void OnStatus(size_t task) override;
  // The first error of a file.
  absl::Status Finish(int exit_status) override;

 private:
  struct OpenFile {
    size_t task;
    v1::OutputStream stream;
    FileDescriptor descriptor;
  };
  // -1 after an error.
  int FileFor(size_t task, v1::OutputStream stream);
  void Append(size_t task, v1::OutputStream stream, std::string_view data);
  void Fail(absl::Status status);

  const FollowedJob& job_;
  const std::string directory_;
  const Sinks sinks_;
  // Used last first; only so many are open at a time.
  std::list<OpenFile> open_;
  // By task: it has a file of that stream.
  std::vector<ByStream<bool>> written_;
  absl::Status status_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_DIRECTORY_VIEW_H_
