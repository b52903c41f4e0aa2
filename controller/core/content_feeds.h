// What copy tasks ask for, on its way to them.
#ifndef CONTROLLER_CORE_CONTENT_FEEDS_H_
#define CONTROLLER_CORE_CONTENT_FEEDS_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "controller/contents/content_feed.h"
#include "controller/core/core_state.h"

namespace tutti::controller {

// Reads answers ahead of what each task takes, within one budget for all of
// them, and sends them as its input. What a task was sent that then goes away,
// stands still, or takes nothing while others wait for room, is dropped and
// read again. Not thread-safe.
class ContentFeeds {
 public:
  // A task has less than this on its way when the next answer is read.
  static constexpr uint64_t kAheadBytes = 512 << 10;
  // Of all tasks together; every answer that is being read counts as a block.
  static constexpr uint64_t kTotalBytes = 64 << 20;
  static constexpr uint64_t kReadBytes = 1 << 20;
  // Of one task: what asks for each block of the largest manifest is smaller.
  static constexpr size_t kMaxRequestBytes = 64 << 20;
  // Who took nothing for so long gives its room to those who wait.
  static constexpr absl::Duration kYieldAfter = absl::Seconds(10);

  explicit ContentFeeds(CoreState& state) : state_(state) {}
  ContentFeeds(const ContentFeeds&) = delete;
  ContentFeeds& operator=(const ContentFeeds&) = delete;

  // The next bytes of what a task asks for.
  void OnRequests(const Job& job, uint32_t task, std::string_view bytes);
  // The target lost some of what the task wrote, perhaps of what it asked for:
  // which answer has which number can not be told any more.
  void OnLost(const Job& job, uint32_t task);
  void OnReport(const Job& job, uint32_t task, const v1::AttemptReport& report);
  // Does what an event has made possible; `state.feeds_due` says for whom.
  void Pump();
  // When OnTime has something to do; infinite future: not by itself.
  absl::Time NextDeadline() const;
  void OnTime();

 private:
  struct Feed {
    uint32_t attempt = 0;
    // Null: parked; what was on its way is to be read again.
    std::shared_ptr<ContentFeed> source;
    // All that the task asked for, and how much of it `source` was given.
    std::string requests;
    size_t given = 0;
    // `source` is being read, or waits for room to be.
    bool reading = false;
    bool waiting = false;
    // `source` has more at once.
    bool more = false;
    // It gave its room away: nothing is read before it takes what it was sent.
    bool yielded = false;
    // Since when it takes nothing of what lies here; of the steady clock.
    absl::Time idle_since;
    // It can not go on: all that comes is the end.
    bool broken = false;
    bool closed = false;
    uint64_t taken = 0;
    // From number `first` on; those before `sent` went to `session`.
    std::deque<std::shared_ptr<const std::string>> chunks;
    uint64_t first = 0;
    uint64_t bytes = 0;
    uint64_t sent = 0;
    SessionId session = 0;
  };

  // Of the task's attempt.
  Feed& FeedOf(const Job& job, uint32_t task);
  void Drop(const TaskReference& reference);
  // All that still comes to it is the end.
  void Break(const Job& job, uint32_t task, Feed& feed);
  void OnTask(const TaskReference& reference);
  void Park(Feed& feed);
  void ForgetTaken(Feed& feed);
  void Clear(Feed& feed);
  // Reads the next answer if there is one, and room.
  void Read(const Job& job, uint32_t task, Feed& feed);
  void OnRead(const TaskReference& reference,
              const std::shared_ptr<ContentFeed>& source,
              absl::StatusOr<FedContent> fed);
  void Send(const Job& job, uint32_t task, Feed& feed);
  void ReadWaiting();

  CoreState& state_;
  absl::flat_hash_map<TaskReference, std::unique_ptr<Feed>> feeds_;
  // Who waits for room, in turn.
  std::deque<TaskReference> waiting_;
  // When the idle yield; infinite future while nobody waits.
  absl::Time yield_at_ = absl::InfiniteFuture();
  // Of chunks, and of what is being read.
  uint64_t bytes_ = 0;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_CONTENT_FEEDS_H_
