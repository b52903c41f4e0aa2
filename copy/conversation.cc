#include "copy/conversation.h"

#include <unistd.h>

#include <cerrno>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "copy/manifest.h"

namespace tutti::copy {
namespace {

constexpr size_t kReadBytes = 256 << 10;
// A helper asks for what it is ready to take, which is far fewer.
constexpr size_t kMaxWanted = 1 << 16;
constexpr size_t kMaxRequestBytes = 1 << 20;

}  // namespace

absl::Status DescriptorChannel::Ask(const v1::CopyRequest& request) {
  std::string frame;
  AppendFrame(request.SerializeAsString(), frame);
  return WriteAll(requests_, frame, "a request for more of the files");
}

absl::StatusOr<std::string_view> DescriptorChannel::Receive(size_t limit) {
  splitter_.set_limit(limit);
  while (true) {
    TUTTI_ASSIGN_OR_RETURN(const std::optional<std::string_view> frame,
                           splitter_.Next());
    if (frame.has_value()) return *frame;
    buffer_.resize(kReadBytes);
    const ssize_t n = read(answers_, buffer_.data(), buffer_.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      return Unavailable("what is to be copied can not be read: {}",
                         ErrnoText(errno));
    }
    if (n == 0) {
      return Unavailable(
          "the connection ended before everything came; copy it again, and it "
          "goes on from here");
    }
    splitter_.Append({buffer_.data(), static_cast<size_t>(n)});
  }
}

PackFeeder::PackFeeder(const PackReader& pack)
    : pack_(pack), splitter_(kMaxRequestBytes) {}

absl::Status PackFeeder::OnRequests(std::string_view bytes) {
  splitter_.Append(bytes);
  while (true) {
    TUTTI_ASSIGN_OR_RETURN(const std::optional<std::string_view> frame,
                           splitter_.Next());
    if (!frame.has_value()) return absl::OkStatus();
    TUTTI_RETURN_IF_ERROR(OnRequest(*frame));
  }
}

absl::Status PackFeeder::OnRequest(std::string_view frame) {
  v1::CopyRequest request;
  if (!request.ParseFromArray(frame.data(), static_cast<int>(frame.size())) ||
      request.request_case() == v1::CopyRequest::REQUEST_NOT_SET) {
    return InvalidArgument("a target asked for something that is unknown here");
  }
  const size_t more =
      request.has_manifest()
          ? 1
          : static_cast<size_t>(request.blocks().numbers_size());
  if (wanted_.size() + more > kMaxWanted) {
    return InvalidArgument("a target asked for more than {} blocks at once",
                           kMaxWanted);
  }
  if (request.has_manifest()) wanted_.emplace_back();
  for (const uint32_t number : request.blocks().numbers()) {
    if (number >= pack_.block_count()) {
      return InvalidArgument("a target asked for block {} of {}", number,
                             pack_.block_count());
    }
    wanted_.emplace_back(number);
  }
  return absl::OkStatus();
}

size_t PackFeeder::NextBytes() const {
  const std::optional<uint32_t>& number = wanted_.front();
  return FrameBytes(number.has_value() ? pack_.BlockBytes(*number)
                                       : pack_.manifest_bytes());
}

absl::StatusOr<std::string> PackFeeder::Next() {
  const std::optional<uint32_t> number = wanted_.front();
  wanted_.pop_front();
  TUTTI_ASSIGN_OR_RETURN(const std::string content, number.has_value()
                                                        ? pack_.Block(*number)
                                                        : pack_.Manifest());
  std::string frame;
  AppendFrame(content, frame);
  return frame;
}

}  // namespace tutti::copy
