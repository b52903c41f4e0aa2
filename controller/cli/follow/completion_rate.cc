#include "controller/cli/follow/completion_rate.h"

namespace tutti::cli {
namespace {

constexpr absl::Duration kLongest = absl::Minutes(1);
// So far is looked back when tasks end fast.
constexpr absl::Duration kUsual = absl::Seconds(10);
constexpr absl::Duration kShortest = absl::Seconds(1);
constexpr absl::Duration kBetweenSamples = absl::Milliseconds(500);
// Fewer say nothing about the next ones.
constexpr uint64_t kFewestEnds = 3;
// Enough not to look back further.
constexpr uint64_t kEnoughEnds = 10;

}  // namespace

void CompletionRate::Note(absl::Duration time, uint64_t ended) {
  // Tasks that are tried again are open again.
  if (!samples_.empty() && ended < samples_.back().ended) samples_.clear();
  const size_t count = samples_.size();
  const bool is_close =
      count > 1 && time - samples_[count - 2].time < kBetweenSamples;
  if (is_close) samples_.pop_back();
  samples_.push_back({time, ended});
  while (time - samples_.front().time > kLongest) samples_.pop_front();
}

double CompletionRate::per_second() const {
  if (samples_.empty()) return 0;
  const Sample& newest = samples_.back();
  for (auto sample = samples_.rbegin(); sample != samples_.rend(); ++sample) {
    const absl::Duration span = newest.time - sample->time;
    const uint64_t ends = newest.ended - sample->ended;
    const bool is_enough = span >= kUsual && ends >= kEnoughEnds;
    const bool is_oldest = sample + 1 == samples_.rend();
    if (!is_enough && !is_oldest) continue;
    if (span < kShortest || ends < kFewestEnds) return 0;
    return static_cast<double>(ends) / absl::ToDoubleSeconds(span);
  }
  return 0;
}

}  // namespace tutti::cli
