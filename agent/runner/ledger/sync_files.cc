#include "agent/runner/ledger/sync_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <thread>
#include <vector>

#include "common/base/errors.h"
#include "common/base/log.h"

namespace tutti::runner {
namespace {

// More gained nothing with 500 files on an SSD.
constexpr size_t kMaxThreads = 8;
// Fewer files are not worth a thread.
constexpr size_t kFilesPerThread = 4;

void SyncOne(int file) {
  if (fdatasync(file) == 0) return;
  log::Error(
      "cannot sync a spool file: {}; its output is lost if the host goes down "
      "now",
      ErrnoText(errno));
}

}  // namespace

void SyncFiles(const std::vector<int>& files) {
  // All writes are begun before the first is waited for.
  for (const int file : files) {
    sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE);
  }
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < files.size(); i = next++) SyncOne(files[i]);
  };
  std::vector<std::thread> others;
  const size_t wanted = std::min(kMaxThreads, files.size() / kFilesPerThread);
  for (size_t i = 1; i < wanted; ++i) {
    try {
      others.emplace_back(work);
    } catch (const std::system_error&) {
      // No thread to be had: those that are there do it.
      break;
    }
  }
  work();
  for (std::thread& other : others) other.join();
}

}  // namespace tutti::runner
