// Gathered files on disk.
#ifndef COPY_GATHERED_FOLDER_H_
#define COPY_GATHERED_FOLDER_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "copy/accounts.h"
#include "copy/folder.h"
#include "copy/gathered_stream.h"
#include "copy/part_file.h"

namespace tutti::copy {

// What was written, so that a caller may keep one copy of what is the same.
struct GatheredFile {
  // Relative to the folder.
  std::string path;
  uint64_t size = 0;
  // As it is here.
  uint32_t mode = 0;
  // SHA-256.
  std::string digest;
};

// Writes a stream below one folder and nowhere else: through no link, each
// file atomically and after it was verified, with its mode but for
// set-user-ID, set-group-ID and sticky bit, and its time; owners are ours
// unless they are asked for.
// Not thread-safe.
class GatheredFolder final : public GatheredTarget {
 public:
  struct Listener {
    std::function<void(const GatheredFile& file)> on_file;
    std::function<void(const std::string& path, const std::string& message)>
        on_problem;
  };
  // The folder must be there.
  static absl::StatusOr<GatheredFolder> Open(const std::string& path,
                                             Listener listener,
                                             bool preserve_owner = false);

  // When everything has come: modes and times of the folders, and all of it
  // made to last.
  absl::Status Finish();

  absl::Status OnDirectory(const v1::CopyEntry& entry) override;
  absl::Status OnSymlink(const v1::CopyEntry& entry) override;
  absl::Status BeginFile(const v1::CopyEntry& entry) override;
  absl::Status OnBytes(uint64_t offset, std::string_view bytes) override;
  absl::Status EndFile(const std::string& digest) override;
  absl::Status AbandonFile() override;
  absl::Status OnProblem(const std::string& path,
                         const std::string& message) override;

 private:
  GatheredFolder(FolderTree tree, Listener listener, bool preserve_owner)
      : tree_(std::move(tree)),
        listener_(std::move(listener)),
        preserve_owner_(preserve_owner) {}
  // With the rights that it gets here.
  v1::CopyEntry AsHere(v1::CopyEntry entry, uint32_t added_mode) const;

  FolderTree tree_;
  Listener listener_;
  bool preserve_owner_;
  Accounts accounts_;
  // As they are to be here.
  std::vector<v1::CopyEntry> directories_;
  std::optional<PartFile> part_;
  v1::CopyEntry entry_;
};

}  // namespace tutti::copy

#endif  // COPY_GATHERED_FOLDER_H_
