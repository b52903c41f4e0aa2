#include "common/base/closest.h"

#include <algorithm>
#include <utility>

namespace tutti {

size_t EditDistance(std::string_view a, std::string_view b) {
  // Three rows of the table are alive at a time: a swap looks back two.
  std::vector<size_t> before(b.size() + 1);
  std::vector<size_t> above(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, above);
    std::swap(above, row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
  }
  return row[b.size()];
}

std::optional<std::string> Closest(std::string_view text,
                                   const std::vector<std::string>& candidates) {
  const std::string* best = nullptr;
  size_t best_distance = 0;
  for (const std::string& candidate : candidates) {
    const size_t longer = std::max(text.size(), candidate.size());
    const size_t shorter = std::min(text.size(), candidate.size());
    const size_t limit = std::max<size_t>(1, longer / 3);
    // The difference in length is a lower bound, and cheap.
    if (longer - shorter > limit) continue;
    const size_t distance = EditDistance(text, candidate);
    if (distance > limit || distance == longer) continue;
    if (best == nullptr || distance < best_distance) {
      best = &candidate;
      best_distance = distance;
    }
  }
  if (best == nullptr) return std::nullopt;
  return *best;
}

}  // namespace tutti
