#include "copy/block_feed.h"

#include <utility>

#include "common/base/status_macros.h"
#include "copy/block.h"

namespace tutti::copy {

BlockFeed::BlockFeed(std::vector<WantedBlock> wanted, uint64_t window,
                     CopyChannel& channel, RateLimit& rate)
    : wanted_(std::move(wanted)),
      window_(rate.Within(window)),
      channel_(channel),
      rate_(rate) {}

absl::StatusOr<std::string_view> BlockFeed::Next() {
  // Refilled by halves: a request for each small block would be as long as it.
  if (asked_ < wanted_.size() && under_way_ <= window_ / 2) {
    TUTTI_RETURN_IF_ERROR(AskForMore());
  }
  const WantedBlock& block = wanted_[given_];
  TUTTI_ASSIGN_OR_RETURN(
      const std::string_view packed,
      channel_.Receive(block.plain_bytes + kBlockHeaderBytes));
  ++given_;
  under_way_ -= block.plain_bytes;
  received_bytes_ += packed.size();
  rate_.Take(packed.size());
  return packed;
}

absl::Status BlockFeed::AskForMore() {
  rate_.Wait();
  v1::CopyRequest request;
  while (asked_ < wanted_.size()) {
    const WantedBlock& block = wanted_[asked_];
    if (under_way_ > 0 && under_way_ + block.plain_bytes > window_) break;
    request.mutable_blocks()->add_numbers(block.number);
    under_way_ += block.plain_bytes;
    ++asked_;
  }
  if (!request.has_blocks()) return absl::OkStatus();
  return channel_.Ask(request);
}

}  // namespace tutti::copy
