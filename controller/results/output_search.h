// Which outputs have a line that matches a pattern.
#ifndef CONTROLLER_RESULTS_OUTPUT_SEARCH_H_
#define CONTROLLER_RESULTS_OUTPUT_SEARCH_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "common/targets/pattern.h"
#include "controller/results/content_pool.h"
#include "controller/results/task_output.h"

namespace tutti::controller {

// Looks at what memory holds of standard output and standard error. Content
// that many outputs share is looked at once, so the outputs must not change as
// long as a search lives. Not thread-safe.
class OutputSearch {
 public:
  struct Finding {
    bool matches = false;
    // False: memory does not hold all that came before the match, or all.
    bool whole = true;
  };

  // What is looked at is taken from `budget`, in bytes. Both outlive it.
  OutputSearch(const Pattern& pattern, uint64_t& budget)
      : pattern_(pattern), budget_(budget) {}
  OutputSearch(const OutputSearch&) = delete;
  OutputSearch& operator=(const OutputSearch&) = delete;

  // RESOURCE_EXHAUSTED when the budget is used up.
  absl::StatusOr<Finding> Search(const TaskOutput& output);

 private:
  // A line that has begun.
  struct Line {
    // The end of a content, and its id.
    std::string_view text;
    uint64_t content = 0;
    // Not empty when the line lies in several.
    std::string joined;
  };

  // True when a line matches that ends in the content; the last one goes on.
  bool AddContent(const Content& content, Line& line);
  bool EndLine(Line& line);
  bool Matches(std::string_view text);
  // False when nothing of the budget is left.
  bool Spend(uint64_t bytes);

  const Pattern& pattern_;
  uint64_t& budget_;
  bool exhausted_ = false;
  // By content: whether one of its whole lines matches, and whether what
  // stands behind them does.
  absl::flat_hash_map<uint64_t, bool> lines_;
  absl::flat_hash_map<uint64_t, bool> ends_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_RESULTS_OUTPUT_SEARCH_H_
