#include "common/targets/target_expression.h"

#include <algorithm>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/targets/expression_parser.h"

namespace tutti {
namespace {

// Each is held against every name of the fleet.
constexpr size_t kMaxWildcards = 256;

}  // namespace

absl::StatusOr<TargetExpression> TargetExpression::Parse(
    std::string_view text) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<ExpressionElement> elements,
                         ParseElements(text));
  TargetExpression expression;
  uint64_t wildcards = 0;
  for (const ExpressionElement& element : elements) {
    if (element.all) {
      expression.all_ = true;
    } else if (element.wildcard) {
      wildcards += element.count;
      if (wildcards > kMaxWildcards) {
        return ExpressionError(
            text, fmt::format("it stands for more than {} wildcards; write "
                              "fewer, wider ones",
                              kMaxWildcards));
      }
      AppendNames(element, expression.wildcards_);
    } else {
      AppendNames(element, expression.names_);
    }
  }
  std::vector<std::string>& names = expression.names_;
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return expression;
}

TargetExpression::Selection TargetExpression::Select(
    const std::vector<std::string>& known) const {
  Selection selection;
  std::vector<bool> selected(known.size(), all_);
  auto from = known.begin();
  for (const std::string& name : names_) {
    from = std::lower_bound(from, known.end(), name);
    if (from != known.end() && *from == name) {
      selected[static_cast<size_t>(from - known.begin())] = true;
    } else {
      selection.unknown.push_back(name);
    }
  }
  for (const std::string& wildcard : wildcards_) {
    bool matched = false;
    for (size_t i = 0; i < known.size(); ++i) {
      if (!MatchesWildcard(wildcard, known[i])) continue;
      matched = true;
      selected[i] = true;
    }
    if (!matched) selection.unmatched.push_back(wildcard);
  }
  for (size_t i = 0; i < known.size(); ++i) {
    if (selected[i]) selection.names.push_back(known[i]);
  }
  return selection;
}

bool TargetExpression::Matches(std::string_view name) const {
  if (all_ || std::binary_search(names_.begin(), names_.end(), name)) {
    return true;
  }
  return std::any_of(wildcards_.begin(), wildcards_.end(),
                     [name](const std::string& wildcard) {
                       return MatchesWildcard(wildcard, name);
                     });
}

bool TargetExpression::IsPlain() const { return !all_ && wildcards_.empty(); }

// Goes back to the last `*` only, which is enough: an earlier one could not
// match better. So it takes at most the product of the two lengths.
bool MatchesWildcard(std::string_view pattern, std::string_view name) {
  size_t p = 0;
  size_t n = 0;
  size_t star = std::string_view::npos;
  size_t resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() &&
               (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace tutti
