#include "controller/cli/follow/progress_bar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/duration.h"
#include "common/jobs/states.h"
#include "controller/cli/follow/wording.h"

namespace tutti::cli {
namespace {

// In cells.
constexpr int kShortestBar = 5;
constexpr int kLongestBar = 24;
constexpr std::string_view kPartSeparator = " · ";
constexpr std::string_view kCompleted = " completed";

// What is left out last stands first.
enum class Rank {
  kAlways,
  kEndedBadly,
  // What keeps the job from going on.
  kCondition,
  kCompletedWord,
  kAway,
  kRunning,
  kPending,
  kLeft,
  kRate,
  kElapsed,
  kJob,
};

struct Part {
  Rank rank;
  LiveSpan span;
};

// A run of equal cells of the bar.
struct Section {
  uint64_t count;
  std::string_view cell;
  Style style;
};

Style BarStyle(v1::TaskState state) {
  switch (state) {
    case v1::TASK_STATE_COMPLETED:
      return Style::kGreen;
    case v1::TASK_STATE_RUNNING:
      return Style::kCyan;
    case v1::TASK_STATE_ASSIGNED:
      return Style::kNone;
    case v1::TASK_STATE_PENDING:
      return Style::kDim;
    case v1::TASK_STATE_SUSPENDED:
    case v1::TASK_STATE_BLOCKED:
    case v1::TASK_STATE_DISCONNECTED:
    case v1::TASK_STATE_SKIPPED:
      return Style::kYellow;
    default:
      return Style::kRed;
  }
}

Rank RankOf(v1::TaskState state) {
  if (IsFinal(state)) return Rank::kEndedBadly;
  if (state == v1::TASK_STATE_PENDING) return Rank::kPending;
  if (BarStyle(state) == Style::kYellow) return Rank::kAway;
  return Rank::kRunning;
}

struct Progressed {
  uint64_t completed = 0;
  uint64_t other_final = 0;
  uint64_t pending = 0;
  // Between its start and its end.
  uint64_t open = 0;
  uint64_t total() const { return completed + other_final + pending + open; }
};

Progressed Count(const Progress& progress) {
  Progressed tally;
  for (const auto& [state, count] : progress.counts) {
    if (state == v1::TASK_STATE_COMPLETED) {
      tally.completed += count;
    } else if (IsFinal(state)) {
      tally.other_final += count;
    } else if (state == v1::TASK_STATE_PENDING) {
      tally.pending += count;
    } else {
      tally.open += count;
    }
  }
  return tally;
}

// How many of `cells` each of the counts gets: its share, rounded down, but
// one where it is not 0; what is left over goes to the largest one.
template <size_t kCount>
std::array<uint64_t, kCount> Share(const std::array<Section, kCount>& sections,
                                   uint64_t cells) {
  uint64_t total = 0;
  for (const Section& section : sections) total += section.count;
  std::array<uint64_t, kCount> shares = {};
  if (total == 0) return shares;
  int64_t left = static_cast<int64_t>(cells);
  for (size_t i = 0; i < kCount; ++i) {
    const uint64_t count = sections[i].count;
    const uint64_t least = count > 0 ? 1 : 0;
    shares[i] = std::max(count * cells / total, least);
    left -= static_cast<int64_t>(shares[i]);
  }
  uint64_t& largest = *std::max_element(shares.begin(), shares.end());
  largest = static_cast<uint64_t>(static_cast<int64_t>(largest) + left);
  return shares;
}

void AppendBar(const Progressed& tally, uint64_t cells, LiveLine& line) {
  const std::array<Section, 4> sections = {{
      {tally.completed, "█", Style::kGreen},
      {tally.other_final, "x", Style::kRed},
      {tally.open, "▒", Style::kCyan},
      {tally.pending, "░", Style::kDim},
  }};
  const std::array<uint64_t, 4> shares = Share(sections, cells);
  line.push_back({"["});
  for (size_t i = 0; i < sections.size(); ++i) {
    if (shares[i] == 0) continue;
    std::string text;
    for (uint64_t cell = 0; cell < shares[i]; ++cell) text += sections[i].cell;
    line.push_back({std::move(text), sections[i].style});
  }
  line.push_back({"] "});
}

// In what state of the whole job nothing goes on.
std::string_view Condition(const Progress& progress) {
  if (progress.state == v1::JOB_STATE_BLOCKED) return "BLOCKED";
  if (progress.held) return "held";
  return "";
}

void AppendRate(const Progress& progress, const Progressed& tally,
                std::vector<Part>& parts) {
  const double rate = progress.per_second;
  if (rate * 60 < 1) return;
  std::string text = fmt::format("{:.0f}/min", rate * 60);
  if (rate >= 1) text = fmt::format("{:.1f}/s", rate);
  if (rate >= 10) text = fmt::format("{:.0f}/s", rate);
  parts.push_back({Rank::kRate, {std::move(text)}});
  const bool goes_on =
      Condition(progress).empty() && progress.state == v1::JOB_STATE_RUNNING;
  const uint64_t left = tally.open + tally.pending;
  if (!goes_on || left == 0) return;
  const absl::Duration time = absl::Seconds(static_cast<double>(left) / rate);
  parts.push_back({Rank::kLeft, {RoundDuration(time) + " left"}});
}

// What stands behind the bar, in order.
std::vector<Part> PartsBehind(const Progress& progress,
                              const Progressed& tally) {
  std::vector<Part> parts;
  parts.push_back(
      {Rank::kAlways, {fmt::format("{}/{}", tally.completed, tally.total())}});
  if (const auto condition = Condition(progress); !condition.empty()) {
    parts.push_back(
        {Rank::kCondition, {std::string(condition), Style::kYellow}});
  }
  std::vector<Part> open;
  for (const auto& [state, count] : progress.counts) {
    if (count == 0 || state == v1::TASK_STATE_COMPLETED) continue;
    Part part = {
        RankOf(state),
        {fmt::format("{} {}", count, StateWords(state)), BarStyle(state)}};
    (IsFinal(state) ? parts : open).push_back(std::move(part));
  }
  // The nearer to its end the earlier; the numbers ascend towards it.
  parts.insert(parts.end(), std::make_move_iterator(open.rbegin()),
               std::make_move_iterator(open.rend()));
  AppendRate(progress, tally, parts);
  return parts;
}

// The parts that are still in.
struct Parts {
  std::vector<Part> front;
  std::vector<Part> behind;
  bool with_word = true;

  int Width() const;
  // False when nothing more can be left out.
  bool LeaveOutOne();
};

// All but the bar's cells.
int Parts::Width() const {
  constexpr int kBarFrame = 3;
  int width = kBarFrame + (with_word ? DisplayWidth(kCompleted) : 0);
  for (const Part& part : front) width += DisplayWidth(part.span.text);
  for (const Part& part : behind) width += DisplayWidth(part.span.text);
  const size_t separators = front.size() + behind.size() - 1;
  return width + static_cast<int>(separators) * DisplayWidth(kPartSeparator);
}

Rank LastRank(const std::vector<Part>& parts) {
  Rank rank = Rank::kAlways;
  for (const Part& part : parts) rank = std::max(rank, part.rank);
  return rank;
}

bool Parts::LeaveOutOne() {
  const Rank in_front = LastRank(front);
  const Rank rank = std::max(in_front, LastRank(behind));
  if (with_word && rank < Rank::kCompletedWord) {
    with_word = false;
    return true;
  }
  if (rank == Rank::kAlways) return false;
  std::vector<Part>& parts = in_front == rank ? front : behind;
  const auto last =
      std::find_if(parts.rbegin(), parts.rend(),
                   [&](const Part& part) { return part.rank == rank; });
  parts.erase(std::next(last).base());
  return true;
}

}  // namespace

LiveLine ProgressBar(const Progress& progress, int width) {
  const Progressed tally = Count(progress);
  Parts parts;
  parts.front = {{Rank::kJob, {fmt::format("job {}", progress.job_number)}},
                 {Rank::kElapsed, {RoundDuration(progress.elapsed)}}};
  parts.behind = PartsBehind(progress, tally);
  while (parts.Width() + kShortestBar > width && parts.LeaveOutOne()) {
  }
  const int room = width - parts.Width();
  LiveLine line;
  for (Part& part : parts.front) {
    line.push_back(std::move(part.span));
    line.push_back({std::string(kPartSeparator)});
  }
  if (room >= kShortestBar) {
    const int cells = std::min(room, kLongestBar);
    AppendBar(tally, static_cast<uint64_t>(cells), line);
  }
  for (size_t i = 0; i < parts.behind.size(); ++i) {
    if (i > 0) line.push_back({std::string(kPartSeparator)});
    line.push_back(std::move(parts.behind[i].span));
    if (i == 0 && parts.with_word) line.push_back({std::string(kCompleted)});
  }
  return line;
}

}  // namespace tutti::cli
