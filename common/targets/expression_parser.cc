#include "common/targets/expression_parser.h"

#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/targets/node_set.h"

namespace tutti {
namespace {

using Kind = TargetNode::Kind;

// Each is held against every name of the fleet.
constexpr uint64_t kMaxWildcards = 256;
// Each is held against the labels and facts of every target.
constexpr int kMaxConditions = 100;
// Each is resolved once, and then held against every name of the fleet.
constexpr int kMaxReferences = 100;
// Parentheses and `not` within each other.
constexpr int kMaxDepth = 50;
// Each is done for every name of the fleet, and they may stand within each
// other: a&b!c&d.
constexpr int kMaxOperations = 200;

absl::Status Empty() {
  return InvalidArgument(
      "the target expression is empty; name targets, as in web01 or "
      "web[01-20], or all");
}

std::optional<Kind> KindOf(char operation) {
  switch (operation) {
    case ',':
      return Kind::kUnion;
    case '!':
      return Kind::kDifference;
    case '&':
      return Kind::kIntersection;
    case '^':
      return Kind::kSymmetricDifference;
    default:
      return std::nullopt;
  }
}

bool IsLeafOfTexts(const TargetNode& node) {
  return node.kind == Kind::kNames || node.kind == Kind::kWildcards;
}

// Adds to a union. Names, and wildcards, become one leaf each, which stand
// before all other operands.
void Unite(TargetNode& node, TargetNode operand) {
  if (!IsLeafOfTexts(operand)) {
    node.operands.push_back(std::move(operand));
    return;
  }
  for (TargetNode& other : node.operands) {
    if (!IsLeafOfTexts(other)) break;
    if (other.kind != operand.kind) continue;
    std::move(operand.texts.begin(), operand.texts.end(),
              std::back_inserter(other.texts));
    return;
  }
  node.operands.insert(node.operands.begin(), std::move(operand));
}

// Sorts the names, and takes away unions of one.
void Tidy(TargetNode& node) {
  if (node.kind == Kind::kNames) SortUnique(node.texts);
  for (TargetNode& operand : node.operands) Tidy(operand);
  if (node.kind == Kind::kUnion && node.operands.size() == 1) {
    TargetNode only = std::move(node.operands[0]);
    node = std::move(only);
  }
}

class TreeParser {
 public:
  explicit TreeParser(std::string_view text) : input_(text) {}

  absl::StatusOr<TargetNode> Parse() {
    input_.SkipBlanks();
    if (input_.AtEnd()) return Empty();
    TUTTI_ASSIGN_OR_RETURN(TargetNode node, ParseExpression());
    if (!input_.AtEnd()) {
      return input_.Mistake(
          "the ')' at character {} has no '(' before it; remove it",
          input_.place());
    }
    Tidy(node);
    return node;
  }

 private:
  absl::StatusOr<TargetNode> ParseExpression() {
    TUTTI_ASSIGN_OR_RETURN(TargetNode node, ParseConjunction());
    while (input_.TakeWord("or")) {
      TUTTI_ASSIGN_OR_RETURN(TargetNode next, ParseConjunction());
      TUTTI_ASSIGN_OR_RETURN(
          node, Combine(Kind::kUnion, std::move(node), std::move(next)));
    }
    return node;
  }

  absl::StatusOr<TargetNode> ParseConjunction() {
    TUTTI_ASSIGN_OR_RETURN(TargetNode node, ParseNegation());
    while (input_.TakeWord("and")) {
      TUTTI_ASSIGN_OR_RETURN(TargetNode next, ParseNegation());
      TUTTI_ASSIGN_OR_RETURN(
          node, Combine(Kind::kIntersection, std::move(node), std::move(next)));
    }
    return node;
  }

  absl::StatusOr<TargetNode> ParseNegation() {
    input_.SkipBlanks();
    if (!input_.TakeWord("not")) return ParseSet();
    TUTTI_RETURN_IF_ERROR(Descend());
    TargetNode node;
    node.kind = Kind::kComplement;
    TUTTI_ASSIGN_OR_RETURN(TargetNode operand, ParseNegation());
    node.operands.push_back(std::move(operand));
    --depth_;
    return node;
  }

  absl::StatusOr<TargetNode> ParseSet() {
    TUTTI_ASSIGN_OR_RETURN(TargetNode node, ParsePart());
    while (!input_.AtEnd()) {
      const std::optional<Kind> kind = KindOf(input_.Peek());
      if (!kind.has_value()) break;
      input_.Skip();
      TUTTI_ASSIGN_OR_RETURN(TargetNode next, ParsePart());
      TUTTI_ASSIGN_OR_RETURN(node,
                             Combine(*kind, std::move(node), std::move(next)));
    }
    return node;
  }

  // The node for `left` and what comes behind it.
  absl::StatusOr<TargetNode> Combine(Kind kind, TargetNode left,
                                     TargetNode right) {
    if (left.kind != kind || left.operands.empty()) {
      if (++operations_ > kMaxOperations) {
        return input_.Mistake(
            "it has more than {} operations; write fewer, wider ones",
            kMaxOperations);
      }
      TargetNode node;
      node.kind = kind;
      Unite(node, std::move(left));
      left = std::move(node);
    }
    if (kind == Kind::kUnion) {
      Unite(left, std::move(right));
    } else {
      left.operands.push_back(std::move(right));
    }
    return left;
  }

  // And what of blanks follows.
  absl::StatusOr<TargetNode> ParsePart() {
    input_.SkipBlanks();
    TargetNode node;
    if (!input_.AtEnd() && input_.Peek() == '(') {
      TUTTI_ASSIGN_OR_RETURN(node, ParseParentheses());
    } else {
      TUTTI_ASSIGN_OR_RETURN(node, ParseLeaf());
    }
    TUTTI_RETURN_IF_ERROR(SkipBlanksBehind());
    return node;
  }

  absl::StatusOr<TargetNode> ParseLeaf() {
    if (input_.rest().starts_with('@')) return ParseReference();
    TUTTI_ASSIGN_OR_RETURN(std::optional<Condition> condition,
                           Condition::Take(input_, values_));
    if (!condition.has_value()) {
      TUTTI_ASSIGN_OR_RETURN(const ExpressionElement element,
                             input_.ParseElement());
      return LeafOf(element);
    }
    if (++conditions_ > kMaxConditions) {
      return input_.Mistake("it has more than {} conditions; write fewer",
                            kMaxConditions);
    }
    TargetNode node;
    node.kind = Kind::kCondition;
    node.condition = std::move(condition);
    return node;
  }

  absl::StatusOr<TargetNode> ParseReference() {
    if (++references_ > kMaxReferences) {
      return input_.Mistake(
          "it has more than {} groups and results of jobs; write fewer",
          kMaxReferences);
    }
    TargetNode node;
    node.kind = Kind::kReference;
    TUTTI_ASSIGN_OR_RETURN(node.reference, TakeReference(input_));
    return node;
  }

  absl::StatusOr<TargetNode> ParseParentheses() {
    const CharacterPlace open = input_.place();
    input_.Skip();
    TUTTI_RETURN_IF_ERROR(Descend());
    TUTTI_ASSIGN_OR_RETURN(TargetNode node, ParseExpression());
    if (input_.AtEnd()) {
      return input_.Mistake(
          "the '(' at character {} is not closed; close it with ')'", open);
    }
    input_.Skip();
    --depth_;
    return node;
  }

  absl::StatusOr<TargetNode> LeafOf(const ExpressionElement& element) {
    TargetNode node;
    if (element.all) {
      node.kind = Kind::kAll;
      return node;
    }
    node.kind = element.wildcard ? Kind::kWildcards : Kind::kNames;
    if (element.wildcard) {
      wildcards_ += element.count;
      if (wildcards_ > kMaxWildcards) {
        return input_.Mistake(
            "it stands for more than {} wildcards; write fewer, wider ones",
            kMaxWildcards);
      }
    }
    AppendNames(element, node.texts);
    return node;
  }

  // A blank may stand around operators, not between two names.
  absl::Status SkipBlanksBehind() {
    const ElementParser here = input_;
    input_.SkipBlanks();
    const bool blank = input_.place() != here.place();
    if (input_.AtEnd() || input_.Peek() == ')' || KindOf(input_.Peek())) {
      return absl::OkStatus();
    }
    ElementParser word = input_;
    if (word.TakeWord("and") || word.TakeWord("or")) return absl::OkStatus();
    // Only behind a ')' is there no blank.
    if (blank) return here.BadCharacter();
    return input_.Mistake(
        "an operator is missing behind the ')' before character {}; write one, "
        "as in (web*,db*)!web01",
        input_.place());
  }

  absl::Status Descend() {
    if (++depth_ <= kMaxDepth) return absl::OkStatus();
    return input_.Mistake(
        "more than {} parentheses and 'not' stand within each other at "
        "character {}; write fewer",
        kMaxDepth, input_.place());
  }

  ElementParser input_;
  int depth_ = 0;
  int operations_ = 0;
  int conditions_ = 0;
  int references_ = 0;
  size_t values_ = 0;
  uint64_t wildcards_ = 0;
};

}  // namespace

absl::StatusOr<TargetNode> ParseTargetTree(std::string_view text) {
  return TreeParser(text).Parse();
}

absl::StatusOr<std::vector<ExpressionElement>> ParseElements(
    std::string_view text) {
  ElementParser input(text);
  input.SkipBlanks();
  if (input.AtEnd()) return Empty();
  std::vector<ExpressionElement> elements;
  while (true) {
    TUTTI_ASSIGN_OR_RETURN(ExpressionElement element, input.ParseElement());
    elements.push_back(std::move(element));
    const ElementParser here = input;
    input.SkipBlanks();
    if (input.AtEnd()) return elements;
    if (KindOf(input.Peek()) && input.Peek() != ',') {
      return input.Mistake(
          "'{}' at character {} can not stand in a list of names; separate "
          "them with ','",
          input.Peek(), input.place());
    }
    if (input.Peek() != ',') return here.BadCharacter();
    input.Skip();
  }
}

}  // namespace tutti
