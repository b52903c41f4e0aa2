// What `-t` and `-x` mean.
#ifndef COMMON_TARGETS_TARGET_EXPRESSION_H_
#define COMMON_TARGETS_TARGET_EXPRESSION_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/targets/expression_parser.h"

namespace tutti {

// A parsed expression: names, ranges, `*` and `?` wildcards and `all`, joined
// by the operators of sets; docs/targets.md has the language. Immutable;
// thread-safe.
class TargetExpression {
 public:
  // Selects nothing.
  TargetExpression() = default;
  // INVALID_ARGUMENT names the place and the remedy.
  static absl::StatusOr<TargetExpression> Parse(std::string_view text);

  // Several, at least one, united. A mistake is one of the expression that has
  // it.
  static absl::StatusOr<TargetExpression> ParseUnited(
      const std::vector<std::string>& expressions);

  // What an expression selects among `known` names.
  struct Selection {
    // Sorted bytewise, unique.
    std::vector<std::string> names;
    // Names that are written anywhere in it and are not known, sorted.
    std::vector<std::string> unknown;
    // Wildcards that match nothing, as written.
    std::vector<std::string> unmatched;
  };
  // `known` sorted bytewise.
  Selection Select(const std::vector<std::string>& known) const;

  // Names written in it that it selects and that are not among `names`, which
  // are sorted bytewise.
  std::vector<std::string> LeftOut(const std::vector<std::string>& names) const;

  // Whether one name is selected (token patterns).
  bool Matches(std::string_view name) const;

  // True when what it stands for does not depend on who is known: it has
  // neither wildcards nor `all`, and `not` only takes away.
  bool IsPlain() const;
  // The names of a plain expression, sorted bytewise.
  std::vector<std::string> PlainNames() const;
  // On a terminal this asks before many targets.
  bool HasWildcard() const { return !IsPlain(); }
  const TargetNode& root() const { return root_; }

 private:
  explicit TargetExpression(TargetNode root);

  TargetNode root_;
};

// One expression for all of several good ones, at least one.
std::string Unite(const std::vector<std::string>& expressions);

// "web*" against "web01": `*` any run of characters, `?` one.
bool MatchesWildcard(std::string_view pattern, std::string_view name);

}  // namespace tutti

#endif  // COMMON_TARGETS_TARGET_EXPRESSION_H_
