// The runner's memory of what it started: proto/tutti/storage/v1/ledger.proto.
#ifndef AGENT_RUNNER_LEDGER_LEDGER_H_
#define AGENT_RUNNER_LEDGER_LEDGER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/runner/ledger/ledger_index.h"
#include "common/base/file_descriptor.h"
#include "common/base/mutex.h"
#include "tutti/storage/v1/ledger.pb.h"

namespace tutti::runner {

// Append-only, with group commit: a thread of its own writes and syncs all
// that has come meanwhile at once. All methods are for one thread, the core's,
// which sees its own appends at once.
class Ledger {
 public:
  // Reads `path`, makes it where it is missing, and rewrites it when most of
  // it is expired at `now`. Damaged pieces are set aside in a file beside it,
  // with a line in the log. FAILED_PRECONDITION when another runner has it.
  static absl::StatusOr<std::unique_ptr<Ledger>> Open(const std::string& path,
                                                      absl::Time now);
  // Commits what was appended.
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  const LedgerIndex& index() const { return index_; }
  void DropExpired(absl::Time now) { index_.DropExpired(now); }

  // Names an append in the commits that answer it.
  using Ticket = uint64_t;
  // Answered by a commit once the record is on the disk. `spool_file`, if
  // valid, is synced before and closed.
  Ticket Append(const storage::v1::LedgerRecord& record,
                FileDescriptor spool_file = FileDescriptor());
  // The same without waiting for the disk and without an answer.
  void AppendLazily(const storage::v1::LedgerRecord& record);

  struct Commit {
    Ticket ticket = 0;
    absl::Status status;
  };
  // Readable when there are commits.
  int commit_fd() const { return commit_fd_.get(); }
  // In order of the appends; does not wait.
  std::vector<Commit> TakeCommits();

 private:
  struct Request {
    Ticket ticket = 0;
    bool lazy = false;
    std::string frame;
    FileDescriptor spool_file;
  };

  Ledger(std::string path, FileDescriptor file, FileDescriptor commit_fd,
         uint64_t size)
      : path_(std::move(path)),
        file_(std::move(file)),
        commit_fd_(std::move(commit_fd)),
        size_(size) {}
  void Enqueue(Request request);
  void Run();
  absl::Status Write(const std::vector<Request>& batch);

  // Constant.
  const std::string path_;
  const FileDescriptor file_;
  const FileDescriptor commit_fd_;
  // Held so that no second runner works on the same ledger.
  FileDescriptor lock_;

  // The core thread's.
  LedgerIndex index_;
  Ticket next_ticket_ = 1;

  // The committing thread's.
  uint64_t size_;

  Mutex mutex_;
  CondVar changed_;
  std::vector<Request> requests_ ABSL_GUARDED_BY(mutex_);
  std::vector<Commit> commits_ ABSL_GUARDED_BY(mutex_);
  // Somebody waits for a request that is queued.
  bool urgent_ ABSL_GUARDED_BY(mutex_) = false;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_LEDGER_LEDGER_H_
