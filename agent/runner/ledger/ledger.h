// The runner's memory of what it started: proto/tutti/storage/v1/ledger.proto.
#ifndef AGENT_RUNNER_LEDGER_LEDGER_H_
#define AGENT_RUNNER_LEDGER_LEDGER_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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

// What is done to the ledger's folder; tests let it fail.
struct LedgerFolder {
  // As WriteFileAtomically.
  std::function<absl::Status(const std::string& path, std::string_view content)>
      replace;
  // As SyncDirectory, of the folder that `path` is in.
  std::function<absl::Status(const std::string& path)> sync;
};
LedgerFolder RealLedgerFolder();

// Append-only, with group commit: a thread of its own writes and syncs all
// that has come meanwhile at once, and rewrites the file when it has outgrown
// what is in it. All methods are for one thread, the core's,
// which sees its own appends at once.
class Ledger {
 public:
  // Reads `path`, makes it where it is missing, and rewrites it when most of
  // it is expired at `now`. Damaged pieces are set aside in a file beside it,
  // with a line in the log. FAILED_PRECONDITION when another runner has it.
  static absl::StatusOr<std::unique_ptr<Ledger>> Open(
      const std::string& path, absl::Time now,
      LedgerFolder folder = RealLedgerFolder());
  // Commits what was appended.
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  const LedgerIndex& index() const { return index_; }
  // Forgets what is expired, and has the file rewritten when less than half of
  // it is needed still.
  void DropExpired(absl::Time now);

  // Names an append in the commits that answer it.
  using Ticket = uint64_t;
  // Answered by a commit once the record is on the disk. `spool_file`, if
  // valid, is synced before and closed.
  Ticket Append(const storage::v1::LedgerRecord& record,
                FileDescriptor spool_file = FileDescriptor());
  // The same, but it may wait for others for some milliseconds, so that one
  // sync serves them all.
  Ticket AppendSoon(const storage::v1::LedgerRecord& record,
                    FileDescriptor spool_file = FileDescriptor());
  // Without an answer, and written when something else is.
  void AppendLazily(const storage::v1::LedgerRecord& record);

  // Has what is lazy written as well; true when nothing is on its way to the
  // disk. Does not wait.
  bool Flush();

  struct Commit {
    Ticket ticket = 0;
    absl::Status status;
  };
  // Readable when there are commits.
  int commit_fd() const { return commit_fd_.get(); }
  // In order of the appends; does not wait.
  std::vector<Commit> TakeCommits();

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Request {
    // 0: nobody waits for it.
    Ticket ticket = 0;
    std::string frame;
    FileDescriptor spool_file;
  };
  // What the thread has to do.
  struct Turn {
    std::vector<Request> batch;
    // Without what is expired then.
    std::optional<absl::Time> rewrite_for;
    bool last = false;
  };

  Ledger(std::string path, LedgerFolder folder, FileDescriptor file,
         FileDescriptor commit_fd, uint64_t size)
      : path_(std::move(path)),
        folder_(std::move(folder)),
        commit_fd_(std::move(commit_fd)),
        file_(std::move(file)),
        size_(size) {}
  Ticket AppendBy(Time due, const storage::v1::LedgerRecord& record,
                  FileDescriptor spool_file);
  // To be written by `due` at the latest.
  void Enqueue(Request request, Time due);
  void Run();
  Turn WaitForTurn();
  void WriteAndAnswer(const std::vector<Request>& batch);
  absl::Status Write(const std::vector<Request>& batch);
  absl::Status Rewrite(absl::Time now);
  absl::Status Settle();

  // Constant.
  const std::string path_;
  const LedgerFolder folder_;
  const FileDescriptor commit_fd_;
  // Held so that no second runner works on the same ledger.
  FileDescriptor lock_;

  // The core thread's.
  LedgerIndex index_;
  Ticket next_ticket_ = 1;

  // The committing thread's.
  FileDescriptor file_;
  // The file at `path_` may be another than `file_`, or its name not durable.
  bool unsettled_ = false;

  // Written by the committing thread alone.
  std::atomic<uint64_t> size_;

  Mutex mutex_;
  CondVar changed_;
  std::vector<Request> requests_ ABSL_GUARDED_BY(mutex_);
  std::vector<Commit> commits_ ABSL_GUARDED_BY(mutex_);
  // When the next turn begins: earlier than all that was queued allows, and
  // Time::max() while nobody waits.
  Time due_ ABSL_GUARDED_BY(mutex_) = Time::max();
  std::optional<absl::Time> rewrite_for_ ABSL_GUARDED_BY(mutex_);
  // The thread has a turn to do.
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_LEDGER_LEDGER_H_
