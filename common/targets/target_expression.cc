#include "common/targets/target_expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "common/base/status_macros.h"
#include "common/targets/node_set.h"

namespace tutti {
namespace {

using Kind = TargetNode::Kind;

bool Has(const TargetNode& node, std::string_view name) {
  const auto has = [name](const TargetNode& operand) {
    return Has(operand, name);
  };
  const auto& operands = node.operands;
  switch (node.kind) {
    case Kind::kNames:
      return std::binary_search(node.texts.begin(), node.texts.end(), name,
                                std::less<>());
    case Kind::kWildcards:
      return std::any_of(node.texts.begin(), node.texts.end(),
                         [name](const std::string& wildcard) {
                           return MatchesWildcard(wildcard, name);
                         });
    case Kind::kAll:
      return true;
    case Kind::kUnion:
      return std::any_of(operands.begin(), operands.end(), has);
    case Kind::kDifference:
      return has(operands[0]) &&
             std::none_of(operands.begin() + 1, operands.end(), has);
    case Kind::kIntersection:
      return std::all_of(operands.begin(), operands.end(), has);
    case Kind::kSymmetricDifference:
      return std::count_if(operands.begin(), operands.end(), has) % 2 == 1;
    case Kind::kComplement:
      return !has(operands[0]);
  }
  return false;
}

void ForEachLeaf(const TargetNode& node,
                 const std::function<void(const TargetNode&)>& visit) {
  if (node.operands.empty()) visit(node);
  for (const TargetNode& operand : node.operands) ForEachLeaf(operand, visit);
}

bool DependsOnFleet(const TargetNode& node) {
  return node.kind == Kind::kWildcards || node.kind == Kind::kAll ||
         std::any_of(node.operands.begin(), node.operands.end(),
                     DependsOnFleet);
}

// Whether it selects names alone that are written in it: `not web1` does not.
bool IsBounded(const TargetNode& node) {
  const auto& operands = node.operands;
  switch (node.kind) {
    case Kind::kComplement:
      return false;
    case Kind::kDifference:
      return IsBounded(operands[0]);
    case Kind::kIntersection:
      return std::any_of(operands.begin(), operands.end(), IsBounded);
    default:
      return std::all_of(operands.begin(), operands.end(), IsBounded);
  }
}

std::vector<std::string> AllNames(const TargetNode& root) {
  std::vector<std::string> names;
  ForEachLeaf(root, [&names](const TargetNode& leaf) {
    if (leaf.kind != Kind::kNames) return;
    names.insert(names.end(), leaf.texts.begin(), leaf.texts.end());
  });
  SortUnique(names);
  return names;
}

}  // namespace

absl::StatusOr<TargetExpression> TargetExpression::Parse(
    std::string_view text) {
  TUTTI_ASSIGN_OR_RETURN(TargetNode root, ParseTargetTree(text));
  return TargetExpression(std::move(root));
}

absl::StatusOr<TargetExpression> TargetExpression::ParseUnited(
    const std::vector<std::string>& expressions) {
  for (const std::string& text : expressions) {
    TUTTI_RETURN_IF_ERROR(Parse(text).status());
  }
  return Parse(Unite(expressions));
}

TargetExpression::TargetExpression(TargetNode root) : root_(std::move(root)) {}

TargetExpression::Selection TargetExpression::Select(
    const std::vector<std::string>& known) const {
  Selection selection;
  std::vector<std::string> found;
  auto from = known.begin();
  for (std::string& name : AllNames(root_)) {
    from = std::lower_bound(from, known.end(), name);
    const bool is_known = from != known.end() && *from == name;
    (is_known ? found : selection.unknown).push_back(std::move(name));
  }
  // A few names need not be looked for in the whole fleet.
  for (const std::string& name : IsPlain() ? found : known) {
    if (Matches(name)) selection.names.push_back(name);
  }
  ForEachLeaf(root_, [&](const TargetNode& leaf) {
    if (leaf.kind != Kind::kWildcards) return;
    for (const std::string& wildcard : leaf.texts) {
      const bool matched = std::any_of(known.begin(), known.end(),
                                       [&wildcard](const std::string& name) {
                                         return MatchesWildcard(wildcard, name);
                                       });
      if (!matched) selection.unmatched.push_back(wildcard);
    }
  });
  return selection;
}

std::vector<std::string> TargetExpression::LeftOut(
    const std::vector<std::string>& names) const {
  std::vector<std::string> left_out;
  for (const std::string& name : AllNames(root_)) {
    if (!std::binary_search(names.begin(), names.end(), name) &&
        Matches(name)) {
      left_out.push_back(name);
    }
  }
  return left_out;
}

bool TargetExpression::Matches(std::string_view name) const {
  return Has(root_, name);
}

bool TargetExpression::IsPlain() const {
  return !DependsOnFleet(root_) && IsBounded(root_);
}

std::vector<std::string> TargetExpression::PlainNames() const {
  std::vector<std::string> names = AllNames(root_);
  std::erase_if(names,
                [this](const std::string& name) { return !Matches(name); });
  return names;
}

std::string Unite(const std::vector<std::string>& expressions) {
  if (expressions.size() == 1) return expressions[0];
  std::string united;
  for (const std::string& text : expressions) {
    const bool bare = text.find_first_of("!&^ \t") == std::string::npos;
    united += fmt::format("{}{}{}{}", united.empty() ? "" : ",",
                          bare ? "" : "(", text, bare ? "" : ")");
  }
  return united;
}

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
