// The grammar of sets of names and of target expressions:
//
//   expression = conjunction { "or" conjunction }
//   conjunction = negation { "and" negation }
//   negation   = "not" negation | set
//   set        = part { ( "," | "!" | "&" | "^" ) part }      from the left
//   part       = "(" expression ")" | reference | condition | element
//   reference  = "@" group | "@job:" job [ ":" filter ]
//   job        = "last" [ ":" name ] | number | UUID | name
//   filter     = "all" | "not-completed" | state | "output~" pattern
//   condition  = attribute comparison value
//              | attribute [ "not" ] "in" "(" value { "," value } ")"
//   comparison = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~"
//   element    = "all" | name with [ranges], `*` and `?`
#ifndef COMMON_TARGETS_EXPRESSION_PARSER_H_
#define COMMON_TARGETS_EXPRESSION_PARSER_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/targets/condition.h"
#include "common/targets/element_parser.h"
#include "common/targets/reference.h"

namespace tutti {

// A part of a parsed expression.
struct TargetNode {
  enum class Kind {
    // Whose name is one of `texts`, which are sorted bytewise and unique.
    kNames,
    // Whose name matches one of the wildcards `texts`.
    kWildcards,
    kAll,
    // Whose labels and facts fit `condition`.
    kCondition,
    // Whom `reference` stands for.
    kReference,
    // Of `operands`, from the left: all of them together; the first without
    // the others; what all have; what an odd number has.
    kUnion,
    kDifference,
    kIntersection,
    kSymmetricDifference,
    // What the one operand has not.
    kComplement,
  };
  Kind kind = Kind::kUnion;
  std::vector<std::string> texts;
  std::optional<Condition> condition;
  std::optional<TargetReference> reference;
  std::vector<TargetNode> operands;
};

// INVALID_ARGUMENT names the place and the remedy.
absl::StatusOr<TargetNode> ParseTargetTree(std::string_view text);

// Elements that ',' alone separates, at least one. INVALID_ARGUMENT names the
// place and the remedy.
absl::StatusOr<std::vector<ExpressionElement>> ParseElements(
    std::string_view text);

}  // namespace tutti

#endif  // COMMON_TARGETS_EXPRESSION_PARSER_H_
