// Puts a copy in place: what `tutti-copy place` does.
#ifndef COPY_PLACE_H_
#define COPY_PLACE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "copy/conversation.h"
#include "copy/progress.h"
#include "copy/rate_limit.h"

namespace tutti::copy {

struct PlaceOptions {
  // SHA-256 of the manifest, 32 bytes: what was signed.
  std::string manifest_digest;
  // Absolute. Destination says how it is taken.
  std::string destination;
  // What is there is compared, and only what differs is asked for.
  bool if_changed = false;
  // Plain bytes of blocks that are under way at once; one block at least.
  uint64_t window = 1 << 20;
};

struct PlaceResult {
  // In the manifest.
  uint64_t files = 0;
  // Entries of any kind that were made, replaced, or got another mode or
  // owner.
  uint64_t changed = 0;
  // Plain bytes of all files.
  uint64_t bytes = 0;
  // Packed bytes of the blocks that came.
  uint64_t received_bytes = 0;
};

// Asks for the manifest and then for the blocks that are needed, each once.
// Everything that can be checked is checked before the first block is asked
// for; the first error ends it. A file is replaced as a whole or not at all,
// and only by what the manifest says. After an error the part of the file that
// was being put together is removed, unless it is that no more came
// (UNAVAILABLE): then the next try goes on with it.
absl::StatusOr<PlaceResult> Place(const PlaceOptions& options,
                                  CopyChannel& channel, RateLimit& rate,
                                  Progress& progress);

}  // namespace tutti::copy

#endif  // COPY_PLACE_H_
