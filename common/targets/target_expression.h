// What `-t` and `-x` mean.
#ifndef COMMON_TARGETS_TARGET_EXPRESSION_H_
#define COMMON_TARGETS_TARGET_EXPRESSION_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tutti {

// A parsed expression: comma-separated names, ranges, `*` and `?` wildcards,
// and `all`. Immutable; thread-safe.
class TargetExpression {
 public:
  // INVALID_ARGUMENT names the place and the remedy.
  static absl::StatusOr<TargetExpression> Parse(std::string_view text);

  // What an expression selects among `known` names.
  struct Selection {
    // Sorted bytewise, unique.
    std::vector<std::string> names;
    // Plain names that are not known, sorted.
    std::vector<std::string> unknown;
    // Wildcards that match nothing, as written.
    std::vector<std::string> unmatched;
  };
  // `known` sorted bytewise.
  Selection Select(const std::vector<std::string>& known) const;

  // Whether one name is selected (token patterns).
  bool Matches(std::string_view name) const;

  // True when it has neither wildcards nor `all`, so that what it stands for
  // does not depend on who is known.
  bool IsPlain() const;
  // The names of a plain expression, sorted bytewise.
  const std::vector<std::string>& plain_names() const { return names_; }
  // `*`, `?` or `all` occur: on a terminal this asks before many targets.
  bool HasWildcard() const { return !IsPlain(); }

 private:
  bool all_ = false;
  std::vector<std::string> names_;
  std::vector<std::string> wildcards_;
};

// "web*" against "web01": `*` any run of characters, `?` one.
bool MatchesWildcard(std::string_view pattern, std::string_view name);

}  // namespace tutti

#endif  // COMMON_TARGETS_TARGET_EXPRESSION_H_
