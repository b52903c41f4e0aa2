#include "controller/cli/follow/row_changes.h"

#include <algorithm>
#include <utility>

namespace tutti::cli {
namespace {

bool AreCalledTheSame(const std::vector<query::ResultColumn>& a,
                      const std::vector<query::ResultColumn>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& one, const auto& other) {
                      return one.name == other.name;
                    });
}

// What a map has beside the text of a row: colour, three pointers, the pair.
constexpr uint64_t kNodeBytes =
    4 * sizeof(void*) + sizeof(std::pair<const std::string, uint64_t>);

// `count` times what `text` says.
void AddTimes(const std::string& text, uint64_t count,
              std::vector<Json>& rows) {
  const Json row = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  rows.insert(rows.end(), count, row);
}

}  // namespace

RowChanges::Difference RowChanges::Update(const std::string& target,
                                          const QueryRows& answer) {
  Answer now = {answer.columns(), {}};
  for (const Json& row : answer.rows()) {
    std::string text = ToLine(row);
    const uint64_t size = kNodeBytes + text.size();
    if (now.rows[std::move(text)]++ == 0) bytes_ += size;
  }
  Answer& before = answers_[target];
  // The same values in other columns are other rows.
  const bool comparable = AreCalledTheSame(before.columns, now.columns);
  Difference difference;
  difference.removed_columns = std::move(before.columns);
  for (const auto& [text, count] : before.rows) {
    bytes_ -= kNodeBytes + text.size();
    const auto found = now.rows.find(text);
    const uint64_t kept =
        comparable && found != now.rows.end() ? found->second : 0;
    if (kept < count) AddTimes(text, count - kept, difference.removed);
  }
  for (const auto& [text, count] : now.rows) {
    const auto found = before.rows.find(text);
    const uint64_t kept =
        comparable && found != before.rows.end() ? found->second : 0;
    if (kept < count) AddTimes(text, count - kept, difference.added);
  }
  before = std::move(now);
  return difference;
}

}  // namespace tutti::cli
