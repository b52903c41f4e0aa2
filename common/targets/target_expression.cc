#include "common/targets/target_expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "absl/functional/function_ref.h"
#include "common/base/status_macros.h"
#include "common/targets/node_set.h"
#include "common/targets/wildcard.h"

namespace tutti {
namespace {

using Kind = TargetNode::Kind;

Match ToMatch(bool holds) { return holds ? Match::kYes : Match::kNo; }

using ResolvedReferences = std::map<const TargetNode*, TargetSelection>;

// What parts of an expression depend on.
struct Sources {
  const AttributeSource& attributes;
  const ResolvedReferences& references;
};

bool HasName(const std::vector<std::string>& sorted, const std::string& name) {
  return std::binary_search(sorted.begin(), sorted.end(), name);
}

Match Check(const Condition& condition, const std::string& name,
            const Sources* sources) {
  if (condition.attribute() == kNameAttribute) {
    return ToMatch(condition.Holds({name}));
  }
  if (sources == nullptr) return Match::kMaybe;
  return ToMatch(condition.Holds(
      sources->attributes.ValuesOf(name, condition.attribute())));
}

// What the operator of sets makes of what `check` says of its operands.
Match Combine(const TargetNode& node,
              absl::FunctionRef<Match(const TargetNode&)> check) {
  Match match = Match::kNo;
  switch (node.kind) {
    case Kind::kUnion:
      for (const TargetNode& operand : node.operands) {
        match = std::max(match, check(operand));
        if (match == Match::kYes) break;
      }
      return match;
    case Kind::kDifference:
    case Kind::kIntersection:
      match = check(node.operands[0]);
      for (size_t i = 1; i < node.operands.size() && match != Match::kNo; ++i) {
        const Match other = check(node.operands[i]);
        match = std::min(match,
                         node.kind == Kind::kIntersection ? other : Not(other));
      }
      return match;
    case Kind::kSymmetricDifference:
      for (const TargetNode& operand : node.operands) {
        const Match other = check(operand);
        if (other == Match::kMaybe) return Match::kMaybe;
        if (other == Match::kYes) match = Not(match);
      }
      return match;
    case Kind::kComplement:
      return Not(check(node.operands[0]));
    default:
      return match;
  }
}

// Without sources what depends on them may or may not be.
Match Check(const TargetNode& node, const std::string& name,
            const Sources* sources) {
  switch (node.kind) {
    case Kind::kNames:
      return ToMatch(HasName(node.texts, name));
    case Kind::kWildcards:
      return ToMatch(std::any_of(node.texts.begin(), node.texts.end(),
                                 [&name](const std::string& wildcard) {
                                   return MatchesWildcard(wildcard, name);
                                 }));
    case Kind::kAll:
      return Match::kYes;
    case Kind::kCondition:
      return Check(*node.condition, name, sources);
    case Kind::kReference:
      if (sources == nullptr) return Match::kMaybe;
      return ToMatch(HasName(sources->references.at(&node).names, name));
    default:
      return Combine(node, [&](const TargetNode& operand) {
        return Check(operand, name, sources);
      });
  }
}

void ForEachLeaf(const TargetNode& node,
                 const std::function<void(const TargetNode&)>& visit) {
  if (node.operands.empty()) visit(node);
  for (const TargetNode& operand : node.operands) ForEachLeaf(operand, visit);
}

bool DependsOnFleet(const TargetNode& node) {
  return node.kind == Kind::kWildcards || node.kind == Kind::kAll ||
         node.kind == Kind::kCondition || node.kind == Kind::kReference ||
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

absl::StatusOr<ResolvedReferences> ResolveAll(const TargetNode& root,
                                              ReferenceSource& references) {
  ResolvedReferences resolved;
  absl::Status status;
  ForEachLeaf(root, [&](const TargetNode& leaf) {
    if (leaf.kind != Kind::kReference || !status.ok()) return;
    absl::StatusOr<TargetSelection> selection =
        references.Resolve(*leaf.reference);
    status = selection.status();
    if (status.ok()) resolved[&leaf] = *std::move(selection);
  });
  TUTTI_RETURN_IF_ERROR(status);
  return resolved;
}

void Append(const std::vector<std::string>& from,
            std::vector<std::string>& to) {
  to.insert(to.end(), from.begin(), from.end());
}

// Adds what `leaf` asks for in vain.
void NoteUnknown(const TargetNode& leaf, const std::vector<std::string>& known,
                 const Sources& sources, TargetSelection& selection) {
  if (leaf.kind == Kind::kReference) {
    const TargetSelection& inner = sources.references.at(&leaf);
    Append(inner.unknown, selection.unknown);
    Append(inner.unmatched, selection.unmatched);
    Append(inner.unknown_attributes, selection.unknown_attributes);
  }
  if (leaf.kind == Kind::kCondition) {
    const std::string& attribute = leaf.condition->attribute();
    if (attribute != kNameAttribute && !sources.attributes.Knows(attribute)) {
      selection.unknown_attributes.push_back(attribute);
    }
  }
  if (leaf.kind != Kind::kWildcards) return;
  for (const std::string& wildcard : leaf.texts) {
    const bool matched = std::any_of(known.begin(), known.end(),
                                     [&wildcard](const std::string& name) {
                                       return MatchesWildcard(wildcard, name);
                                     });
    if (!matched) selection.unmatched.push_back(wildcard);
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

// Whether ',' may stand on either side of it: it has no other operator. The
// word of one needs no blank before an '@', as in "not@web".
bool IsBare(std::string_view text) {
  return text.find_first_of("!&^~<>=\"'() \t") == text.npos &&
         text.find('@', 1) == text.npos;
}

}  // namespace

Match Not(Match match) {
  switch (match) {
    case Match::kNo:
      return Match::kYes;
    case Match::kMaybe:
      return Match::kMaybe;
    case Match::kYes:
      return Match::kNo;
  }
  return Match::kMaybe;
}

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

absl::StatusOr<TargetSelection> TargetExpression::Select(
    const std::vector<std::string>& known, const AttributeSource& attributes,
    ReferenceSource& references) const {
  TUTTI_ASSIGN_OR_RETURN(const ResolvedReferences resolved,
                         ResolveAll(root_, references));
  TargetSelection selection;
  std::vector<std::string> found;
  auto from = known.begin();
  for (std::string& name : AllNames(root_)) {
    from = std::lower_bound(from, known.end(), name);
    const bool is_known = from != known.end() && *from == name;
    (is_known ? found : selection.unknown).push_back(std::move(name));
  }
  const Sources sources{attributes, resolved};
  // A few names need not be looked for in the whole fleet.
  for (const std::string& name : IsPlain() ? found : known) {
    if (Check(root_, name, &sources) == Match::kYes) {
      selection.names.push_back(name);
    }
  }
  ForEachLeaf(root_, [&](const TargetNode& leaf) {
    NoteUnknown(leaf, known, sources, selection);
  });
  SortUnique(selection.unknown);
  SortUnique(selection.unmatched);
  SortUnique(selection.unknown_attributes);
  return selection;
}

std::vector<std::string> TargetExpression::LeftOut(
    const std::vector<std::string>& names) const {
  std::vector<std::string> left_out;
  for (const std::string& name : AllNames(root_)) {
    if (!std::binary_search(names.begin(), names.end(), name) &&
        Matches(name) == Match::kYes) {
      left_out.push_back(name);
    }
  }
  return left_out;
}

Match TargetExpression::Matches(const std::string& name) const {
  return Check(root_, name, nullptr);
}

bool TargetExpression::NeedsController() const {
  bool needs = false;
  ForEachLeaf(root_, [&needs](const TargetNode& leaf) {
    needs = needs || leaf.kind == Kind::kReference ||
            (leaf.kind == Kind::kCondition &&
             leaf.condition->attribute() != kNameAttribute);
  });
  return needs;
}

std::vector<std::string> TargetExpression::Groups() const {
  std::vector<std::string> groups;
  ForEachLeaf(root_, [&groups](const TargetNode& leaf) {
    if (leaf.kind == Kind::kReference && !leaf.reference->group.empty()) {
      groups.push_back(leaf.reference->group);
    }
  });
  SortUnique(groups);
  return groups;
}

bool TargetExpression::IsPlain() const {
  return !DependsOnFleet(root_) && IsBounded(root_);
}

std::vector<std::string> TargetExpression::PlainNames() const {
  std::vector<std::string> names = AllNames(root_);
  std::erase_if(names, [this](const std::string& name) {
    return Matches(name) != Match::kYes;
  });
  return names;
}

std::string Unite(const std::vector<std::string>& expressions) {
  if (expressions.size() == 1) return expressions[0];
  std::string united;
  for (const std::string& text : expressions) {
    const bool bare = IsBare(text);
    united += fmt::format("{}{}{}{}", united.empty() ? "" : ",",
                          bare ? "" : "(", text, bare ? "" : ")");
  }
  return united;
}

}  // namespace tutti
