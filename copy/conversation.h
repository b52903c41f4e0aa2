// What `tutti-copy place` and whoever feeds it say to each other.
// docs/copy-format.md is its page.
#ifndef COPY_CONVERSATION_H_
#define COPY_CONVERSATION_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "copy/frames.h"
#include "copy/pack_reader.h"
#include "tutti/v1/copy.pb.h"

namespace tutti::copy {

// The helper's side. Not thread-safe.
class CopyChannel {
 public:
  virtual ~CopyChannel() = default;
  virtual absl::Status Ask(const v1::CopyRequest& request) = 0;
  // The next answer, of at most `limit` bytes; good until the next call.
  // UNAVAILABLE when no more will come, which ends this try alone.
  virtual absl::StatusOr<std::string_view> Receive(size_t limit) = 0;
};

// Over two descriptors, which are borrowed.
class DescriptorChannel final : public CopyChannel {
 public:
  DescriptorChannel(int answers, int requests)
      : answers_(answers), requests_(requests), splitter_(0) {}

  absl::Status Ask(const v1::CopyRequest& request) override;
  absl::StatusOr<std::string_view> Receive(size_t limit) override;

 private:
  const int answers_;
  const int requests_;
  FrameSplitter splitter_;
  std::string buffer_;
};

// The feeder's side: answers out of a pack. It keeps what was asked for, not
// the answers, so that whoever writes them decides how much is under way. Not
// thread-safe.
class PackFeeder {
 public:
  // `pack` must outlive it.
  explicit PackFeeder(const PackReader& pack);

  // What the helper wrote, in any split. INVALID_ARGUMENT or DATA_LOSS when it
  // is no request, or one for what the pack does not have; then it is to be
  // fed no more.
  absl::Status OnRequests(std::string_view bytes);
  // Whether an answer waits to be taken.
  bool ready() const { return !wanted_.empty(); }
  // The next frame, its length included; only when ready(). It is read here.
  absl::StatusOr<std::string> Next();
  // How long that frame is, and passing it over; only when ready().
  size_t NextBytes() const;
  void Skip() { wanted_.pop_front(); }

 private:
  absl::Status OnRequest(std::string_view frame);

  const PackReader& pack_;
  FrameSplitter splitter_;
  // Numbers of blocks; empty: the manifest.
  std::deque<std::optional<uint32_t>> wanted_;
};

}  // namespace tutti::copy

#endif  // COPY_CONVERSATION_H_
