// What is there already, looked at before anything is asked for or changed.
#ifndef COPY_SURVEY_H_
#define COPY_SURVEY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "copy/block_feed.h"
#include "copy/destination.h"
#include "copy/disk_room.h"
#include "copy/manifest.h"
#include "copy/part_file.h"
#include "tutti/v1/copy.pb.h"

namespace tutti::copy {

// Where a block of a file comes from.
enum class BlockWay : uint8_t {
  // It is zeros; a new file has them.
  kHole,
  // It is zeros, and an earlier try left something else there.
  kZeros,
  // It stands in the part that an earlier try left.
  kInPart,
  // It stands at the same place of the file that is to be replaced.
  kInOldFile,
  // It stands in a file of this copy, or in a block before it.
  kPlaced,
  // It is asked for.
  kFed,
};

struct EntryPlan {
  // The content is the same already.
  bool same = false;
  // Of a file that is not the same: each block.
  std::vector<BlockWay> blocks;
  // Of such a file: what an earlier try left, locked.
  std::optional<PartFile> part;
};

// The first place of a block in the manifest.
struct BlockPlace {
  int entry = -1;
  uint64_t block = 0;
};

struct CopyPlan {
  // One for each entry of the manifest.
  std::vector<EntryPlan> entries;
  // By number of block.
  std::vector<BlockPlace> places;
  // In the order in which they are needed, each once.
  std::vector<WantedBlock> wanted;
  // Plain bytes of all files that are not the same.
  uint64_t bytes = 0;
};

struct SurveyOptions {
  // Files that are there are compared block by block. Otherwise only those
  // that have size and time of the entry, as an earlier try leaves them.
  bool compare = false;
  std::string part_digest;
};

// Looks at what is there, removes parts that can not be used, and locks those
// that can. An error names what stands in the way: a folder in place of a
// file, a link in place of a folder, a folder that can not be written, a disk
// without the room.
absl::StatusOr<CopyPlan> Survey(const v1::CopyManifest& manifest,
                                const BlockNumbers& numbers,
                                const SurveyOptions& options,
                                Destination& destination);

}  // namespace tutti::copy

#endif  // COPY_SURVEY_H_
