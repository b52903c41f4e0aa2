#include "agent/runner/ledger/ledger.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/runner/ledger/ledger_file.h"
#include "agent/runner/ledger/sync_files.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/lock_file.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/base/threads.h"

namespace tutti::runner {
namespace {

constexpr size_t kMaxLedgerBytes = size_t{1} << 30;
// What may wait waits so long: at a thousand tasks a second several end
// meanwhile, and nobody feels it.
constexpr std::chrono::milliseconds kGatherFor(5);
// A smaller ledger is not worth rewriting.
constexpr size_t kLeastRewrittenBytes = 64 << 10;

absl::StatusOr<FileDescriptor> OpenFile(const std::string& path) {
  FileDescriptor file(
      open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return SystemError(errno, fmt::format("open {}", path));
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

bool IsOutgrown(uint64_t file_bytes, uint64_t needed_bytes) {
  return file_bytes > kLeastRewrittenBytes && needed_bytes < file_bytes / 2;
}

// What the file at `path` says that is not expired; damage is set aside.
struct ReadLedger {
  LedgerIndex index;
  uint64_t size = 0;
  bool damaged = false;
};
absl::StatusOr<ReadLedger> Read(const std::string& path, absl::Time now) {
  TUTTI_ASSIGN_OR_RETURN(const std::string bytes,
                         ReadFile(path, kMaxLedgerBytes));
  const LedgerContent content = DecodeLedger(bytes);
  ReadLedger read;
  read.size = bytes.size();
  read.damaged = !content.damage.empty();
  if (read.damaged) TUTTI_RETURN_IF_ERROR(SetAside(path, content, now));
  for (const storage::v1::LedgerRecord& record : content.records) {
    read.index.Apply(record);
  }
  read.index.DropExpired(now);
  return read;
}

}  // namespace

LedgerFolder RealLedgerFolder() {
  return {.replace =
              [](const std::string& path, std::string_view content) {
                return WriteFileAtomically(path, content, 0600);
              },
          .sync =
              [](const std::string& path) {
                return SyncDirectory(
                    std::filesystem::path(path).parent_path().string());
              }};
}

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::Open(const std::string& path,
                                                     absl::Time now,
                                                     LedgerFolder folder) {
  // On a file of its own: the ledger's is replaced by rewriting.
  TUTTI_ASSIGN_OR_RETURN(FileDescriptor lock,
                         LockFile(path + ".lock", "runner"));
  TUTTI_ASSIGN_OR_RETURN(FileDescriptor file, OpenFile(path));
  TUTTI_ASSIGN_OR_RETURN(ReadLedger read, Read(path, now));
  if (read.size == 0 || read.damaged ||
      IsOutgrown(read.size, read.index.bytes())) {
    const std::string rewritten = Rewritten(read.index);
    TUTTI_RETURN_IF_ERROR(folder.replace(path, rewritten));
    TUTTI_ASSIGN_OR_RETURN(file, OpenFile(path));
    read.size = rewritten.size();
  }
  FileDescriptor commit_fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!commit_fd.valid()) return SystemError(errno, "make an eventfd");
  auto ledger = std::unique_ptr<Ledger>(
      new Ledger(path, std::move(folder), std::move(file), std::move(commit_fd),
                 read.size));
  ledger->index_ = std::move(read.index);
  ledger->lock_ = std::move(lock);
  TUTTI_ASSIGN_OR_RETURN(ledger->thread_,
                         StartThread([raw = ledger.get()] { raw->Run(); }));
  return ledger;
}

Ledger::~Ledger() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
    changed_.NotifyOne();
  }
  // Not when it could not be started.
  if (thread_.joinable()) thread_.join();
}

Ledger::Ticket Ledger::Append(const storage::v1::LedgerRecord& record,
                              FileDescriptor spool_file) {
  return AppendBy(std::chrono::steady_clock::now(), record,
                  std::move(spool_file));
}

Ledger::Ticket Ledger::AppendSoon(const storage::v1::LedgerRecord& record,
                                  FileDescriptor spool_file) {
  return AppendBy(std::chrono::steady_clock::now() + kGatherFor, record,
                  std::move(spool_file));
}

Ledger::Ticket Ledger::AppendBy(Time due,
                                const storage::v1::LedgerRecord& record,
                                FileDescriptor spool_file) {
  index_.Apply(record);
  const Ticket ticket = next_ticket_++;
  Enqueue({.ticket = ticket,
           .frame = EncodeLedgerRecord(record),
           .spool_file = std::move(spool_file)},
          due);
  return ticket;
}

void Ledger::AppendLazily(const storage::v1::LedgerRecord& record) {
  index_.Apply(record);
  Enqueue({.ticket = 0,
           .frame = EncodeLedgerRecord(record),
           .spool_file = FileDescriptor()},
          Time::max());
}

void Ledger::Enqueue(Request request, Time due) {
  MutexLock lock(mutex_);
  requests_.push_back(std::move(request));
  if (due >= due_) return;
  due_ = due;
  changed_.NotifyOne();
}

std::vector<Ledger::Commit> Ledger::TakeCommits() {
  uint64_t count;
  while (read(commit_fd_.get(), &count, sizeof count) < 0 && errno == EINTR) {
  }
  MutexLock lock(mutex_);
  return std::exchange(commits_, {});
}

bool Ledger::Flush() {
  MutexLock lock(mutex_);
  if (requests_.empty()) return !busy_ && !rewrite_for_.has_value();
  due_ = Time::min();
  changed_.NotifyOne();
  return false;
}

void Ledger::DropExpired(absl::Time now) {
  index_.DropExpired(now);
  if (!IsOutgrown(size_, index_.bytes())) return;
  MutexLock lock(mutex_);
  rewrite_for_ = now;
  changed_.NotifyOne();
}

Ledger::Turn Ledger::WaitForTurn() {
  MutexLock lock(mutex_);
  busy_ = false;
  while (!ending_ && !rewrite_for_.has_value()) {
    if (due_ == Time::max()) {
      changed_.Wait(mutex_);
      continue;
    }
    const Time now = std::chrono::steady_clock::now();
    if (due_ <= now) break;
    changed_.WaitFor(mutex_, due_ - now);
  }
  due_ = Time::max();
  busy_ = true;
  return {.batch = std::exchange(requests_, {}),
          .rewrite_for = std::exchange(rewrite_for_, std::nullopt),
          .last = ending_};
}

void Ledger::Run() {
  while (true) {
    const Turn turn = WaitForTurn();
    if (!turn.batch.empty()) WriteAndAnswer(turn.batch);
    if (turn.last) return;
    if (!turn.rewrite_for.has_value()) continue;
    const absl::Status status = Rewrite(*turn.rewrite_for);
    if (!status.ok()) {
      log::Warning("the ledger stays larger than it has to be: {}",
                   TextOf(status));
    }
  }
}

void Ledger::WriteAndAnswer(const std::vector<Request>& batch) {
  const absl::Status status = Write(batch);
  if (!status.ok()) log::Error("{}", TextOf(status));
  {
    MutexLock lock(mutex_);
    for (const Request& request : batch) {
      if (request.ticket != 0) commits_.push_back({request.ticket, status});
    }
  }
  const uint64_t one = 1;
  // Can not fail: the counter does not come near its limit.
  [[maybe_unused]] const ssize_t n = write(commit_fd_.get(), &one, sizeof one);
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
  if (unsettled_) TUTTI_RETURN_IF_ERROR(Settle());
  absl::Status status = WriteAt(file_.get(), size_, frames, path_);
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

// From the file rather than from the index, which is the core thread's.
absl::Status Ledger::Rewrite(absl::Time now) {
  TUTTI_ASSIGN_OR_RETURN(const ReadLedger read, Read(path_, now));
  unsettled_ = true;
  const absl::Status replaced = folder_.replace(path_, Rewritten(read.index));
  // It may have been replaced all the same.
  const absl::Status settled = Settle();
  return replaced.ok() ? settled : replaced;
}

// From now on records go into the file that has the name, and the name is
// durable: otherwise a power cut would take what was committed.
absl::Status Ledger::Settle() {
  TUTTI_ASSIGN_OR_RETURN(FileDescriptor named, OpenFile(path_));
  struct stat now;
  if (fstat(named.get(), &now) != 0) {
    return SystemError(errno, fmt::format("look at {}", path_));
  }
  TUTTI_RETURN_IF_ERROR(folder_.sync(path_));
  struct stat before;
  if (fstat(file_.get(), &before) != 0 || before.st_ino != now.st_ino) {
    file_ = std::move(named);
    size_ = static_cast<uint64_t>(now.st_size);
  }
  unsettled_ = false;
  return absl::OkStatus();
}

}  // namespace tutti::runner
