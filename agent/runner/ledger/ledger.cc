#include "agent/runner/ledger/ledger.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/runner/ledger/ledger_file.h"
#include "agent/runner/ledger/sync_files.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace tutti::runner {
namespace {

constexpr size_t kMaxLedgerBytes = size_t{1} << 30;
// A smaller ledger is not worth rewriting.
constexpr size_t kLeastRewrittenBytes = 64 << 10;

absl::StatusOr<FileDescriptor> OpenFile(const std::string& path) {
  FileDescriptor file(
      open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return SystemError(errno, fmt::format("open {}", path));
  return file;
}

// The lock is on a file of its own: the ledger's is replaced by rewriting.
absl::StatusOr<FileDescriptor> Lock(const std::string& path) {
  TUTTI_ASSIGN_OR_RETURN(FileDescriptor file, OpenFile(path + ".lock"));
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return FailedPrecondition(
        "{} is in use: another runner works in this state directory; end it, "
        "or give this one a state_directory of its own",
        path);
  }
  return file;
}

absl::Status SetAside(const std::string& path, const LedgerContent& content,
                      absl::Time now) {
  const std::string aside =
      fmt::format("{}.damaged.{}", path, absl::ToUnixMillis(now));
  std::string bytes;
  for (const LedgerContent::Damage& damage : content.damage) {
    log::Error("{}: {} damaged bytes at {} are set aside in {}", path,
               damage.bytes.size(), damage.offset, aside);
    bytes += damage.bytes;
  }
  return WriteFileAtomically(aside, bytes, 0600);
}

std::string Rewritten(const LedgerIndex& index) {
  std::string bytes = EncodeLedgerHeader();
  for (const storage::v1::LedgerRecord& record : index.ToRecords()) {
    bytes += EncodeLedgerRecord(record);
  }
  return bytes;
}

absl::Status WriteAt(int fd, std::string_view bytes, uint64_t position,
                     const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n =
        pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(position));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError(errno, fmt::format("write {}", path));
    bytes.remove_prefix(static_cast<size_t>(n));
    position += static_cast<uint64_t>(n);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::Open(const std::string& path,
                                                     absl::Time now) {
  TUTTI_ASSIGN_OR_RETURN(FileDescriptor lock, Lock(path));
  TUTTI_ASSIGN_OR_RETURN(FileDescriptor file, OpenFile(path));
  TUTTI_ASSIGN_OR_RETURN(std::string bytes, ReadFile(path, kMaxLedgerBytes));
  const LedgerContent content = DecodeLedger(bytes);
  if (!content.damage.empty()) {
    TUTTI_RETURN_IF_ERROR(SetAside(path, content, now));
  }
  LedgerIndex index;
  for (const storage::v1::LedgerRecord& record : content.records) {
    index.Apply(record);
  }
  index.DropExpired(now);
  std::string rewritten = Rewritten(index);
  if (bytes.empty() || !content.damage.empty() ||
      (bytes.size() > kLeastRewrittenBytes &&
       rewritten.size() < bytes.size() / 2)) {
    TUTTI_RETURN_IF_ERROR(WriteFileAtomically(path, rewritten, 0600));
    TUTTI_ASSIGN_OR_RETURN(file, OpenFile(path));
    bytes = std::move(rewritten);
  }
  FileDescriptor commit_fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!commit_fd.valid()) return SystemError(errno, "make an eventfd");
  auto ledger = std::unique_ptr<Ledger>(
      new Ledger(path, std::move(file), std::move(commit_fd), bytes.size()));
  ledger->index_ = std::move(index);
  ledger->lock_ = std::move(lock);
  ledger->thread_ = std::thread([raw = ledger.get()] { raw->Run(); });
  return ledger;
}

Ledger::~Ledger() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
    changed_.NotifyOne();
  }
  thread_.join();
}

Ledger::Ticket Ledger::Append(const storage::v1::LedgerRecord& record,
                              FileDescriptor spool_file) {
  index_.Apply(record);
  const Ticket ticket = next_ticket_++;
  Enqueue({.ticket = ticket,
           .lazy = false,
           .frame = EncodeLedgerRecord(record),
           .spool_file = std::move(spool_file)});
  return ticket;
}

void Ledger::AppendLazily(const storage::v1::LedgerRecord& record) {
  index_.Apply(record);
  Enqueue({.ticket = 0,
           .lazy = true,
           .frame = EncodeLedgerRecord(record),
           .spool_file = FileDescriptor()});
}

void Ledger::Enqueue(Request request) {
  MutexLock lock(mutex_);
  // What is lazy goes with the next commit.
  const bool urgent = !request.lazy;
  requests_.push_back(std::move(request));
  if (!urgent || urgent_) return;
  urgent_ = true;
  changed_.NotifyOne();
}

std::vector<Ledger::Commit> Ledger::TakeCommits() {
  uint64_t count;
  while (read(commit_fd_.get(), &count, sizeof count) < 0 && errno == EINTR) {
  }
  MutexLock lock(mutex_);
  return std::exchange(commits_, {});
}

void Ledger::Run() {
  while (true) {
    std::vector<Request> batch;
    bool ending = false;
    {
      MutexLock lock(mutex_);
      while (!ending_ && !urgent_) changed_.Wait(mutex_);
      batch = std::exchange(requests_, {});
      urgent_ = false;
      ending = ending_;
    }
    if (batch.empty()) return;
    const absl::Status status = Write(batch);
    if (!status.ok()) log::Error("{}", TextOf(status));
    {
      MutexLock lock(mutex_);
      for (const Request& request : batch) {
        if (!request.lazy) commits_.push_back({request.ticket, status});
      }
    }
    const uint64_t one = 1;
    // Can not fail: the counter does not come near its limit.
    [[maybe_unused]] const ssize_t n =
        write(commit_fd_.get(), &one, sizeof one);
    if (ending) return;
  }
}

absl::Status Ledger::Write(const std::vector<Request>& batch) {
  std::string frames;
  std::vector<int> spool_files;
  for (const Request& request : batch) {
    frames += request.frame;
    if (request.spool_file.valid()) {
      spool_files.push_back(request.spool_file.get());
    }
  }
  // What a record speaks of is durable before it is.
  SyncFiles(spool_files);
  absl::Status status = WriteAt(file_.get(), frames, size_, path_);
  if (status.ok() && fdatasync(file_.get()) != 0) {
    status = SystemError(errno, fmt::format("sync {}", path_));
  }
  if (status.ok()) {
    size_ += frames.size();
  } else if (ftruncate(file_.get(), static_cast<off_t>(size_)) != 0) {
    log::Error("cannot cut off the end of {}: {}", path_, ErrnoText(errno));
  }
  return status;
}

}  // namespace tutti::runner
