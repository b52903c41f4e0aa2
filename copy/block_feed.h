// The blocks that a copy needs, asked for little by little.
#ifndef COPY_BLOCK_FEED_H_
#define COPY_BLOCK_FEED_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "copy/conversation.h"
#include "copy/rate_limit.h"

namespace tutti::copy {

struct WantedBlock {
  uint32_t number = 0;
  uint32_t plain_bytes = 0;
};

// Gives them in order. At most `window` plain bytes are under way, and one
// block where that is larger: the packed ones are never larger but for a byte.
// Not thread-safe.
class BlockFeed {
 public:
  BlockFeed(std::vector<WantedBlock> wanted, uint64_t window,
            CopyChannel& channel, RateLimit& rate);

  // The next block, packed; good until the next call. There must be one.
  absl::StatusOr<std::string_view> Next();

  uint64_t received_bytes() const { return received_bytes_; }

 private:
  absl::Status AskForMore();

  const std::vector<WantedBlock> wanted_;
  const uint64_t window_;
  CopyChannel& channel_;
  RateLimit& rate_;
  size_t asked_ = 0;
  size_t given_ = 0;
  // Plain bytes of what was asked for and not given.
  uint64_t under_way_ = 0;
  uint64_t received_bytes_ = 0;
};

}  // namespace tutti::copy

#endif  // COPY_BLOCK_FEED_H_
