// What one target sends, put below a folder of its own.
#ifndef CONTROLLER_CLI_FETCH_FETCHED_TARGET_H_
#define CONTROLLER_CLI_FETCH_FETCHED_TARGET_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "copy/gathered_folder.h"

namespace tutti::cli {

// Makes the folder with the first bytes that come. After an error what still
// comes is passed over. Not thread-safe.
class FetchedTarget {
 public:
  struct Problem {
    // As the target wrote them.
    std::string path;
    std::string message;
  };
  static constexpr size_t kMaxProblems = 1000;
  using OnFile = std::function<absl::Status(const copy::GatheredFile& file)>;

  // `folder` is the target's own, in one that is there.
  FetchedTarget(std::string folder, bool preserve_owner, OnFile on_file)
      : folder_(std::move(folder)),
        preserve_owner_(preserve_owner),
        on_file_(std::move(on_file)) {}

  // The first error, once.
  absl::Status Feed(std::string_view bytes);
  // Nothing of it is to be taken, if that is an error.
  absl::Status Refuse(absl::Status status);
  // A part of the stream will not come.
  absl::Status Miss(uint64_t bytes);
  // Nothing more comes. Half a file is removed. An error when not everything
  // came and that was not told yet.
  absl::Status Finish();

  bool begun() const { return begun_; }
  const absl::Status& status() const { return status_; }
  uint64_t files() const { return files_; }
  uint64_t bytes() const { return bytes_; }
  // The first kMaxProblems, and how many there are.
  const std::vector<Problem>& problems() const { return problems_; }
  uint64_t problem_count() const { return problem_count_; }

 private:
  struct Stream {
    explicit Stream(copy::GatheredFolder opened)
        : folder(std::move(opened)), reader(folder) {}
    copy::GatheredFolder folder;
    copy::GatheredReader reader;
  };

  absl::Status Begin();
  absl::Status Fail(absl::Status status);
  // Removes what is half there, and lets go of folders and memory: there may be
  // thousands of targets.
  absl::Status Close();

  const std::string folder_;
  const bool preserve_owner_;
  const OnFile on_file_;
  // Null before the first byte, and after the last.
  std::unique_ptr<Stream> stream_;
  bool begun_ = false;
  absl::Status status_;
  // What on_file_ said.
  absl::Status file_status_;
  bool finished_ = false;
  uint64_t files_ = 0;
  uint64_t bytes_ = 0;
  std::vector<Problem> problems_;
  uint64_t problem_count_ = 0;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FETCH_FETCHED_TARGET_H_
