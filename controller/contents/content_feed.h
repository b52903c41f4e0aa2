// What one copy task is fed with.
#ifndef CONTROLLER_CONTENTS_CONTENT_FEED_H_
#define CONTROLLER_CONTENTS_CONTENT_FEED_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "copy/conversation.h"
#include "copy/pack_reader.h"
#include "tutti/v1/task.pb.h"

namespace tutti::controller {

class ContentStore;

using ContentChunks = std::vector<std::shared_ptr<const std::string>>;

// What came of a step.
struct FedContent {
  // Serialised v1::SignedInput, in order; the number of the first of them.
  ContentChunks chunks;
  uint64_t number = 0;
  // There is more to be had at once.
  bool more = false;
};

// Turns what a task asks for into the chunks of its input. Which chunk has
// which number follows from the requests alone, so a feed that is given the
// same ones again goes on at any chunk. One step at a time, on any thread.
class ContentFeed {
 public:
  // `key` is of the attempt, `digest` of the manifest.
  ContentFeed(v1::AttemptKey key, std::string digest)
      : key_(std::move(key)), digest_(std::move(digest)) {}

  // Takes the next bytes of the task's requests, and reads the answer that is
  // next from the chunk `from` on; earlier answers are passed over, unread.
  // About a block. After an error it is of no more use.
  absl::StatusOr<FedContent> Step(ContentStore& store,
                                  std::string_view requests, uint64_t from);

 private:
  ContentChunks Cut(std::string_view frame, uint64_t from) const;

  const v1::AttemptKey key_;
  const std::string digest_;
  std::shared_ptr<const copy::PackReader> pack_;
  // Of the answers in `pack_`, once it is open.
  std::optional<copy::PackFeeder> answers_;
  // Number of the first chunk of the next answer.
  uint64_t next_ = 0;
};

// A chunk as the task takes it; absent data: the end of the input.
std::shared_ptr<const std::string> MakeContentChunk(
    const v1::AttemptKey& key, uint64_t number,
    std::optional<std::string_view> data);

}  // namespace tutti::controller

#endif  // CONTROLLER_CONTENTS_CONTENT_FEED_H_
