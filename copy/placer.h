// Carries out the plan of a copy.
#ifndef COPY_PLACER_H_
#define COPY_PLACER_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/file_descriptor.h"
#include "copy/accounts.h"
#include "copy/block.h"
#include "copy/block_feed.h"
#include "copy/destination.h"
#include "copy/manifest.h"
#include "copy/part_file.h"
#include "copy/progress.h"
#include "copy/survey.h"

namespace tutti::copy {

// Goes through a manifest once, in its order. Borrows all that it is given.
// Not thread-safe.
class Placer {
 public:
  Placer(const v1::CopyManifest& manifest, const BlockNumbers& numbers,
         const std::string& manifest_digest, CopyPlan& plan,
         Destination& destination, BlockFeed& feed, Progress& progress);

  absl::Status Run();
  // After an error: removes what was being put together.
  absl::Status Discard();

  uint64_t changed() const { return changed_; }

 private:
  absl::Status PlaceEntry(int index);
  absl::Status PlaceDirectory(const v1::CopyEntry& entry, bool there);
  absl::Status PlaceSymlink(const v1::CopyEntry& entry, bool same);
  absl::Status PlaceFile(int index);
  // The content is as it should be.
  absl::Status KeepFile(int index);
  absl::Status FinishDirectory(const v1::CopyEntry& entry);
  absl::Status SyncFolders();

  absl::Status FillPart(int index);
  absl::Status FillBlock(int index, uint64_t block, std::string_view digest,
                         int old_file);
  absl::Status WriteFedBlock(const v1::CopyEntry& entry, uint64_t offset,
                             uint32_t bytes, std::string_view digest);
  absl::Status CopyBlock(const v1::CopyEntry& entry, int source,
                         uint64_t source_offset, uint64_t offset,
                         uint32_t bytes, std::string_view digest);
  absl::StatusOr<int> OpenPlaced(int index, int current);

  // The folder of an entry and its name there. Good until the next call.
  struct Target {
    int folder = -1;
    std::string folder_path;
    std::string name;
    std::string shown;
  };
  absl::StatusOr<Target> Locate(const v1::CopyEntry& entry);
  absl::StatusOr<FileDescriptor> OpenFile(const v1::CopyEntry& entry);

  const v1::CopyManifest& manifest_;
  const BlockNumbers& numbers_;
  const std::string& manifest_digest_;
  CopyPlan& plan_;
  Destination& destination_;
  BlockFeed& feed_;
  Progress& progress_;

  Accounts accounts_;
  BlockUnpacker unpacker_;
  std::string block_;
  uint64_t changed_ = 0;
  // Folders in which names were made, to be synced.
  std::set<std::string> touched_;
  // The file that is being put together: its folder stays open.
  std::optional<PartFile> part_;
  FileDescriptor part_folder_;
  // An earlier file, out of which blocks are copied.
  int placed_index_ = -1;
  FileDescriptor placed_;
};

}  // namespace tutti::copy

#endif  // COPY_PLACER_H_
