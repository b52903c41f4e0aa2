// What an expression may ask of a target's labels and facts: role=web,
// cpu.count>=8, os.id in (debian,ubuntu), name~^web.
#ifndef COMMON_TARGETS_CONDITION_H_
#define COMMON_TARGETS_CONDITION_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/targets/element_parser.h"
#include "common/targets/pattern.h"

namespace tutti {

// The attribute that every target has: its name.
inline constexpr std::string_view kNameAttribute = "name";

// More values the conditions of one expression can not have: each is held
// against the labels and facts of every target.
inline constexpr size_t kMaxConditionValues = 1000;

// Immutable; thread-safe.
class Condition {
 public:
  enum class Comparison {
    kIn,  // one value: `=`
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual,
    kMatches,
  };
  struct Value {
    std::string text;
    // Written without quotes and with `*` or `?`.
    bool wildcard = false;
  };

  // Takes a condition that stands next in `input`; nullopt, and nothing is
  // taken, when something else does. Its values are added to `values`, those of
  // the expression. INVALID_ARGUMENT names the place and the remedy.
  static absl::StatusOr<std::optional<Condition>> Take(ElementParser& input,
                                                       size_t& values);

  // Name of the label or the fact.
  const std::string& attribute() const { return attribute_; }

  // Whether a target whose attribute has these values fits; one that lacks it
  // has none. One value that fits is enough, and with `!=`, `not in` and `!~`
  // one too many.
  bool Holds(const std::vector<std::string>& values) const;

  // "os.id in (debian,ubuntu)".
  std::string ToText() const;

 private:
  friend class ConditionParser;

  bool Fits(std::string_view value) const;

  std::string attribute_;
  Comparison comparison_ = Comparison::kIn;
  bool negated_ = false;
  // At least one, exactly one unless kIn; none with kMatches.
  std::vector<Value> values_;
  // With kMatches.
  std::optional<Pattern> pattern_;
};

// Order of two values: as numbers when both are (with K, M, G, T for powers of
// 1024), otherwise as versions (strverscmp(3)). Negative, 0 or positive.
int CompareValues(std::string_view a, std::string_view b);

// Whether a label or a fact may be called so: a letter, then letters, digits
// and `._-`, at most 64 bytes, and no word of the language.
bool IsAttributeName(std::string_view name);

}  // namespace tutti

#endif  // COMMON_TARGETS_CONDITION_H_
