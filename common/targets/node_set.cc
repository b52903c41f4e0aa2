#include "common/targets/node_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <functional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "common/base/ascii.h"
#include "common/base/status_macros.h"
#include "common/targets/expression_parser.h"

namespace tutti {
namespace {

// More numbers in one name than this are text, counted from the right.
constexpr int kMaxDimensions = 8;

// A number in a name as it is written: "007" has the value 7 and 3 digits.
struct Number {
  uint64_t value = 0;
  size_t digits = 0;

  friend bool operator==(const Number&, const Number&) = default;
  friend auto operator<=>(const Number&, const Number&) = default;
};

Number ParseNumber(std::string_view text) {
  Number number;
  number.digits = text.size();
  std::from_chars(text.data(), text.data() + text.size(), number.value);
  return number;
}

std::string ToText(const Number& number) {
  return fmt::format("{:0{}}", number.value, number.digits);
}

// The number that a range counts to after `number`: 09 10, 99 100.
Number Successor(const Number& number) {
  Number next = {number.value + 1, number.digits};
  uint64_t power = 1;
  for (size_t i = 0; i < number.digits; ++i) power *= 10;
  if (next.value == power) ++next.digits;
  return next;
}

struct Run {
  Number first;
  Number last;
};

// Numbers as they stand between brackets: "01-20,25". Sorts `numbers`.
std::string FoldNumbers(std::vector<Number>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  std::vector<Run> runs;
  // Runs that the next number may belong to: 9 and 09 both lead to 10.
  std::vector<size_t> open;
  for (const Number& number : numbers) {
    std::erase_if(open, [&](size_t run) {
      return runs[run].last.value + 1 < number.value;
    });
    const auto joined = std::find_if(open.begin(), open.end(), [&](size_t run) {
      return Successor(runs[run].last) == number;
    });
    if (joined != open.end()) {
      runs[*joined].last = number;
    } else {
      open.push_back(runs.size());
      runs.push_back({number, number});
    }
  }
  std::string text;
  for (const Run& run : runs) {
    if (!text.empty()) text += ',';
    text += ToText(run.first);
    if (run.last != run.first) text += '-' + ToText(run.last);
  }
  return text;
}

// Name, or several that differ in numbers: what is right of `unfolded` bytes
// was looked at and may hold brackets.
struct Part {
  std::string text;
  size_t unfolded = 0;
};

// Where the last number left of `end` is; empty range when there is none.
std::pair<size_t, size_t> LastNumber(std::string_view text, size_t end) {
  while (end > 0) {
    while (end > 0 && !IsDigit(text[end - 1])) --end;
    size_t begin = end;
    while (begin > 0 && IsDigit(text[begin - 1])) --begin;
    if (end - begin <= kMaxRangeDigits) return {begin, end};
    end = begin;
  }
  return {0, 0};
}

// What is around a part's last number.
struct Surroundings {
  std::string_view before;
  std::string_view after;

  friend bool operator==(const Surroundings&, const Surroundings&) = default;
};

struct SurroundingsHash {
  size_t operator()(const Surroundings& around) const {
    const std::hash<std::string_view> hash;
    return hash(around.before) * 31 + hash(around.after);
  }
};

// Parts that are alike but for their last number.
struct Group {
  // Points into the text of `first`.
  Surroundings around;
  // Index of one of them.
  size_t first = 0;
  // Empty when it is alone, as most are in some fleets.
  std::vector<Number> numbers;
};

std::string_view NumberIn(const Part& part, const Surroundings& around) {
  const std::string_view text = part.text;
  return text.substr(around.before.size(),
                     text.size() - around.before.size() - around.after.size());
}

// Gathers parts by what is around their last number. Those that have none
// left are moved to `done`. The groups point into `parts`.
std::vector<Group> GatherByLastNumber(std::vector<Part>& parts,
                                      std::vector<std::string>& done) {
  std::vector<Group> groups;
  absl::flat_hash_map<Surroundings, size_t, SurroundingsHash> index;
  size_t current = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::string_view text = parts[i].text;
    const std::pair<size_t, size_t> place = LastNumber(text, parts[i].unfolded);
    if (place.first == place.second) {
      done.push_back(std::move(parts[i].text));
      continue;
    }
    const Surroundings around = {text.substr(0, place.first),
                                 text.substr(place.second)};
    // Neighbours are mostly of one group: then nothing is looked up.
    if (groups.empty() || groups[current].around != around) {
      const auto entry = index.try_emplace(around, groups.size());
      current = entry.first->second;
      if (entry.second) {
        groups.push_back({around, i, {}});
        continue;
      }
    }
    Group& group = groups[current];
    if (group.numbers.empty()) {
      group.numbers.push_back(
          ParseNumber(NumberIn(parts[group.first], group.around)));
    }
    group.numbers.push_back(ParseNumber(NumberIn(parts[i], around)));
  }
  return groups;
}

// One part for a group of `parts`.
Part FoldGroup(Group& group, std::vector<Part>& parts) {
  const size_t unfolded = group.around.before.size();
  if (group.numbers.empty()) {
    return {std::move(parts[group.first].text), unfolded};
  }
  const std::string numbers = FoldNumbers(group.numbers);
  const bool several = group.numbers.size() > 1;
  std::string text(group.around.before);
  text.append(several ? "[" : "").append(numbers).append(several ? "]" : "");
  text.append(group.around.after);
  return {std::move(text), unfolded};
}

}  // namespace

void SortUnique(std::vector<std::string>& names) {
  if (!std::is_sorted(names.begin(), names.end())) {
    std::sort(names.begin(), names.end());
  }
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

absl::StatusOr<std::vector<std::string>> ExpandNames(std::string_view text) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<ExpressionElement> elements,
                         ParseElements(text));
  size_t count = 0;
  for (const ExpressionElement& element : elements) {
    if (element.all || element.wildcard) {
      return ExpressionError(text,
                             "wildcards and all have no fixed names; write the "
                             "names, as in web[01-20]");
    }
    count += element.count;
  }
  std::vector<std::string> names;
  names.reserve(count);
  for (const ExpressionElement& element : elements) {
    AppendNames(element, names);
  }
  SortUnique(names);
  return names;
}

// Folds the last number of every name, then the one before it among names
// that are alike in what was folded, and so on: names that fill a grid become
// one element with a bracket for each number.
std::string FoldNames(const std::vector<std::string>& names) {
  std::vector<Part> parts;
  parts.reserve(names.size());
  for (const std::string& name : names) parts.push_back({name, name.size()});
  std::vector<std::string> done;
  for (int i = 0; i < kMaxDimensions && !parts.empty(); ++i) {
    std::vector<Part> folded;
    for (Group& group : GatherByLastNumber(parts, done)) {
      folded.push_back(FoldGroup(group, parts));
    }
    parts = std::move(folded);
  }
  for (Part& part : parts) done.push_back(std::move(part.text));
  SortUnique(done);
  return fmt::format("{}", fmt::join(done, ","));
}

}  // namespace tutti
