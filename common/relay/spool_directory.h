// The folder of spool files, as a relay sees it.
#ifndef COMMON_RELAY_SPOOL_DIRECTORY_H_
#define COMMON_RELAY_SPOOL_DIRECTORY_H_

#include <cstdint>
#include <list>
#include <string>

#include "absl/status/statusor.h"
#include "common/records/spool_reader.h"
#include "common/relay/ports.h"

namespace tutti::relay {

// Reads attempts' spool files and keeps the few that were read last open. Not
// thread-safe.
class SpoolDirectory final : public SpoolSource {
 public:
  // Where the files are; known once the runner was spoken to. Until then every
  // read is FAILED_PRECONDITION.
  void SetPath(std::string path);

  absl::StatusOr<SpoolReader::Batch> Read(const v1::AttemptKey& key,
                                          uint64_t from, uint64_t end,
                                          size_t max_bytes) override;
  void Close(const v1::AttemptKey& key) override;

  size_t open_count() const { return open_.size(); }

 private:
  struct OpenFile {
    std::string name;
    SpoolReader reader;
  };
  absl::StatusOr<SpoolReader*> Open(const std::string& name);

  std::string path_;
  // The one that was used last comes first.
  std::list<OpenFile> open_;
};

}  // namespace tutti::relay

#endif  // COMMON_RELAY_SPOOL_DIRECTORY_H_
