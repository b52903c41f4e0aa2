// What `-t` and `-x` mean.
#ifndef COMMON_TARGETS_TARGET_EXPRESSION_H_
#define COMMON_TARGETS_TARGET_EXPRESSION_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/targets/expression_parser.h"

namespace tutti {

// Whether an expression selects a target. kMaybe: that depends on labels,
// facts, groups or results of jobs that are not known here.
enum class Match { kNo, kMaybe, kYes };
// kMaybe stays what it is.
Match Not(Match match);

// Where the labels and facts of targets come from.
class AttributeSource {
 public:
  virtual ~AttributeSource() = default;
  // Whether any target has it, or could.
  virtual bool Knows(std::string_view attribute) const = 0;
  // Of the attribute; none when the target has no such label and no such fact.
  virtual std::vector<std::string> ValuesOf(
      const std::string& target, std::string_view attribute) const = 0;
};

// What an expression selects among known names. All are sorted bytewise and
// unique.
struct TargetSelection {
  std::vector<std::string> names;
  // Names that are written anywhere in it and are not known.
  std::vector<std::string> unknown;
  // Wildcards that match nothing, as written.
  std::vector<std::string> unmatched;
  // Labels and facts that it asks for and that nobody has.
  std::vector<std::string> unknown_attributes;
};

// Where what references stand for comes from.
class ReferenceSource {
 public:
  virtual ~ReferenceSource() = default;
  virtual absl::StatusOr<TargetSelection> Resolve(
      const TargetReference& reference) = 0;
};

// A parsed expression: names, ranges, `*` and `?` wildcards, `all`, conditions
// on labels and facts, and references to groups and results of jobs, joined by
// the operators of sets; docs/targets.md has the language. Immutable;
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

  // What it selects among `known` names, which are sorted bytewise. An error
  // is one of `references`; what these do not know, the answer does not.
  absl::StatusOr<TargetSelection> Select(const std::vector<std::string>& known,
                                         const AttributeSource& attributes,
                                         ReferenceSource& references) const;

  // Names written in it that it selects for certain and that are not among
  // `names`, which are sorted bytewise.
  std::vector<std::string> LeftOut(const std::vector<std::string>& names) const;

  // Whether one name is selected, as far as names can tell.
  Match Matches(const std::string& name) const;
  // Whether that can be kMaybe: the controller has to be asked.
  bool NeedsController() const;
  // The groups that are written in it, sorted and unique.
  std::vector<std::string> Groups() const;

  // True when what it stands for does not depend on who is known: it has
  // neither wildcards nor `all`, conditions or references, and `not` only
  // takes away.
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

}  // namespace tutti

#endif  // COMMON_TARGETS_TARGET_EXPRESSION_H_
