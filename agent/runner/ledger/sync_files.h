// Syncing many small files.
#ifndef AGENT_RUNNER_LEDGER_SYNC_FILES_H_
#define AGENT_RUNNER_LEDGER_SYNC_FILES_H_

#include <vector>

namespace tutti::runner {

// fdatasync(2) of all, several at a time: a disk answers flushes that wait
// together with one, so that hundreds of files take little longer than a few.
// Failures are logged. Borrows the descriptors.
void SyncFiles(const std::vector<int>& files);

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_LEDGER_SYNC_FILES_H_
