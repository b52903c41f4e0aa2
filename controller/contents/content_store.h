// The packs of copy jobs, on the controller's disk.
#ifndef CONTROLLER_CONTENTS_CONTENT_STORE_H_
#define CONTROLLER_CONTENTS_CONTENT_STORE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/file_descriptor.h"
#include "common/base/mutex.h"
#include "copy/pack_reader.h"

namespace tutti::controller {

class ContentStore;

// A pack on its way into the store. Gives its room back when it goes. Not
// thread-safe; the store outlives it.
class ContentUpload {
 public:
  ContentUpload(ContentUpload&& other) noexcept;
  ContentUpload& operator=(ContentUpload&&) = delete;
  // Removes what was not finished.
  ~ContentUpload();

  // The next bytes. INVALID_ARGUMENT when there are more than were announced.
  absl::Status Write(std::string_view bytes);
  // All was written: checks it and puts it into the store. INVALID_ARGUMENT
  // when it is no pack of that manifest.
  absl::Status Finish();

 private:
  friend class ContentStore;
  ContentUpload(ContentStore& store, std::string digest, uint64_t size,
                std::string path, FileDescriptor file)
      : store_(&store),
        digest_(std::move(digest)),
        size_(size),
        path_(std::move(path)),
        file_(std::move(file)) {}

  // Null: moved away, or finished.
  ContentStore* store_;
  std::string digest_;
  uint64_t size_;
  uint64_t written_ = 0;
  std::string path_;
  FileDescriptor file_;
};

// One file a pack, named by the digest of its manifest. Everything in it is
// whole: packs arrive under another name. Thread-safe; all calls but
// Contains and SetLimit may wait for the disk.
class ContentStore {
 public:
  // So long a pack stays that no job refers to: its job is on its way.
  static constexpr absl::Duration kUnusedFor = absl::Hours(1);

  // Makes the folder when it is missing, and removes what arrived by half.
  // `clock` outlives it.
  static absl::StatusOr<std::unique_ptr<ContentStore>> Open(
      std::string directory, uint64_t limit, const Clock& clock);
  ContentStore(const ContentStore&) = delete;
  ContentStore& operator=(const ContentStore&) = delete;

  // Bytes of all packs together.
  void SetLimit(uint64_t limit);
  // Whether the pack of that manifest is there; then it stays for kUnusedFor.
  bool Contains(std::string_view digest);
  // Makes room for a pack. RESOURCE_EXHAUSTED when the limit leaves none.
  absl::StatusOr<ContentUpload> Begin(const std::string& digest, uint64_t size);
  // Open as long as somebody reads it. NOT_FOUND, or DATA_LOSS when it is
  // damaged; then it is here no more, so that it can be sent again.
  absl::StatusOr<std::shared_ptr<const copy::PackReader>> Read(
      const std::string& digest);
  // `reader`, which Read gave, found it damaged: as there.
  void Forget(const std::string& digest, const copy::PackReader& reader);
  // Removes the packs that no job refers to and nobody wanted for kUnusedFor.
  void KeepOnly(const std::set<std::string>& used);

 private:
  friend class ContentUpload;
  struct Content {
    uint64_t size = 0;
    absl::Time wanted_at;
    // All readers share one index.
    std::weak_ptr<const copy::PackReader> reader;
  };

  ContentStore(std::string directory, uint64_t limit, const Clock& clock)
      : directory_(std::move(directory)), clock_(clock), limit_(limit) {}
  absl::Status Load();
  std::string PathOf(std::string_view digest) const;
  absl::StatusOr<copy::PackReader> OpenPack(std::string_view digest) const;
  void Remove(const std::string& digest) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Release(uint64_t size);
  void Add(const std::string& digest, uint64_t size);

  const std::string directory_;
  const Clock& clock_;
  Mutex mutex_;
  uint64_t limit_ ABSL_GUARDED_BY(mutex_);
  // Of the packs, and of those on their way.
  uint64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t uploads_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, Content, std::less<>> contents_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CONTENTS_CONTENT_STORE_H_
