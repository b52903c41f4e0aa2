#include "common/targets/reference.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/ascii.h"
#include "common/base/closest.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/jobs/job_selector.h"
#include "common/jobs/states.h"
#include "common/targets/condition.h"
#include "common/targets/quoted_text.h"

namespace tutti {
namespace {

constexpr std::string_view kJob = "job";
constexpr std::string_view kLast = "last";
constexpr std::string_view kOutput = "output~";

struct FilterWord {
  std::string_view word;
  TaskFilter::Kind kind;
};
// Beside the states.
constexpr FilterWord kFilterWords[] = {
    {"all", TaskFilter::Kind::kAll},
    {"not-completed", TaskFilter::Kind::kNotCompleted},
    {"rows", TaskFilter::Kind::kRows},
    {"changed", TaskFilter::Kind::kChanged},
};

bool IsGroupCharacter(char c) {
  return IsLetter(c) || IsDigit(c) || c == '.' || c == '_' || c == '-';
}

// What a job may be named with, without quotes.
bool IsJobCharacter(char c) {
  return IsGroupCharacter(c) ||
         std::string_view("/@%+").find(c) != std::string_view::npos;
}

std::string_view TakeWhile(ElementParser& input, bool (*fits)(char)) {
  const std::string_view rest = input.rest();
  const auto end = std::find_if_not(rest.begin(), rest.end(), fits);
  const size_t size = static_cast<size_t>(end - rest.begin());
  input.Skip(size);
  return rest.substr(0, size);
}

// "TIMED_OUT" as a filter: "timed-out".
std::string WordOf(v1::TaskState state) {
  std::string word = StateName(state);
  for (char& c : word) c = c == '_' ? '-' : ToLower(c);
  return word;
}

std::vector<v1::TaskState> States() {
  std::vector<v1::TaskState> states;
  for (int i = v1::TaskState_MIN; i <= v1::TaskState_MAX; ++i) {
    if (!v1::TaskState_IsValid(i) || i == v1::TASK_STATE_UNSPECIFIED) continue;
    states.push_back(static_cast<v1::TaskState>(i));
  }
  return states;
}

std::optional<TaskFilter> FilterOf(std::string_view word) {
  TaskFilter filter;
  for (const FilterWord& known : kFilterWords) {
    if (known.word != word) continue;
    filter.kind = known.kind;
    return filter;
  }
  filter.kind = TaskFilter::Kind::kState;
  for (const v1::TaskState state : States()) {
    if (WordOf(state) != word) continue;
    filter.state = state;
    return filter;
  }
  return std::nullopt;
}

// A part of "@job:a:b:c".
struct ReferencePart {
  std::string text;
  bool quoted = false;
  CharacterPlace place;
};

class ReferenceParser {
 public:
  explicit ReferenceParser(ElementParser& input) : input_(input) {}

  absl::StatusOr<TargetReference> Take() {
    const ElementParser begin = input_;
    input_.Skip();
    const std::string_view name = TakeWhile(input_, IsGroupCharacter);
    if (name == kJob) {
      TUTTI_RETURN_IF_ERROR(TakeJob(begin));
    } else {
      TUTTI_RETURN_IF_ERROR(TakeGroup(begin, name));
    }
    if (!input_.AtElementEnd()) return input_.BadCharacter();
    reference_.text =
        begin.rest().substr(0, begin.rest().size() - input_.rest().size());
    return std::move(reference_);
  }

 private:
  absl::Status TakeGroup(const ElementParser& begin, std::string_view name) {
    if (!CheckGroupName(name).ok()) {
      return begin.Mistake(
          "'@{}' at character {} can not be a group; write the name of one "
          "behind the '@', see tutti group list",
          name.substr(0, kMaxValueBytes), begin.place());
    }
    if (input_.rest().starts_with(':')) {
      return input_.Mistake(
          "the ':' at character {} stands behind a group; only '@job' has "
          "parts, as in @job:last:failed",
          input_.place());
    }
    reference_.group = name;
    return absl::OkStatus();
  }

  absl::Status TakeJob(const ElementParser& begin) {
    if (!input_.rest().starts_with(':')) {
      return begin.Mistake(
          "'@job' at character {} lacks the job; write @job:17, @job:last or "
          "@job:NAME, and a filter where one is wanted, as in "
          "@job:last:failed",
          begin.place());
    }
    TUTTI_RETURN_IF_ERROR(TakeParts());
    const bool has_filter = reference_.filter.output.has_value();
    size_t at = 0;
    TUTTI_RETURN_IF_ERROR(SelectJob(at));
    if (at == parts_.size()) return absl::OkStatus();
    const ReferencePart& part = parts_[at];
    std::optional<TaskFilter> filter;
    if (!part.quoted && !has_filter) filter = FilterOf(part.text);
    if (!filter.has_value() || at + 1 < parts_.size()) return BadFilter(part);
    reference_.filter = *std::move(filter);
    return absl::OkStatus();
  }

  // What the colons separate; a pattern is the last of them.
  absl::Status TakeParts() {
    while (input_.rest().starts_with(':')) {
      input_.Skip();
      if (!parts_.empty() && input_.rest().starts_with(kOutput)) {
        input_.Skip(kOutput.size());
        TUTTI_ASSIGN_OR_RETURN(Pattern pattern,
                               Pattern::Take(input_, Pattern::Subject::kLines));
        reference_.filter.kind = TaskFilter::Kind::kOutput;
        reference_.filter.output = std::move(pattern);
        return absl::OkStatus();
      }
      TUTTI_RETURN_IF_ERROR(TakePart());
    }
    return absl::OkStatus();
  }

  absl::Status TakePart() {
    ReferencePart part;
    part.place = input_.place();
    part.quoted = AtQuote(input_);
    if (part.quoted) {
      TUTTI_ASSIGN_OR_RETURN(part.text, TakeQuoted(input_, kMaxValueBytes));
    } else {
      const ElementParser begin = input_;
      part.text = TakeWhile(input_, IsJobCharacter);
      if (part.text.size() > kMaxValueBytes) {
        return TooLong(begin, kMaxValueBytes);
      }
    }
    if (part.text.empty()) {
      return input_.Mistake(
          "there is nothing behind the ':' before character {}; write a job "
          "or a filter there, as in @job:last:failed",
          part.place);
    }
    parts_.push_back(std::move(part));
    return absl::OkStatus();
  }

  // Takes the parts from `at` on that name the job.
  absl::Status SelectJob(size_t& at) {
    const ReferencePart& first = parts_[at++];
    if (first.quoted) {
      reference_.job.set_name(first.text);
      return absl::OkStatus();
    }
    if (first.text == kLast && NamesLast()) {
      reference_.job.set_last(parts_[at++].text);
      return absl::OkStatus();
    }
    absl::StatusOr<v1::JobSelector> job = ParseJobSelector(first.text);
    if (!job.ok()) {
      return input_.Mistake("at character {}: {}", first.place,
                            TextOf(job.status()));
    }
    reference_.job = *std::move(job);
    return absl::OkStatus();
  }

  // Whether the part behind `last` is the name of a job: a word that is a
  // filter is one, unless it stands in quotes or a filter follows it.
  bool NamesLast() const {
    if (parts_.size() < 2) return false;
    return parts_.size() > 2 || reference_.filter.output.has_value() ||
           parts_[1].quoted || !FilterOf(parts_[1].text).has_value();
  }

  absl::Status BadFilter(const ReferencePart& part) const {
    std::vector<std::string> words;
    for (const FilterWord& known : kFilterWords) {
      words.emplace_back(known.word);
    }
    for (const v1::TaskState state : States()) words.push_back(WordOf(state));
    const auto closest = Closest(part.text, words);
    return input_.Mistake(
        "'{}' at character {} is no filter{}; write one alone: a state as "
        "failed or timed-out, not-completed, rows, changed, all, or "
        "output~PATTERN",
        part.text, part.place,
        closest.has_value() ? fmt::format(" (did you mean {}?)", *closest)
                            : "");
  }

  ElementParser& input_;
  TargetReference reference_;
  std::vector<ReferencePart> parts_;
};

}  // namespace

absl::StatusOr<TargetReference> TakeReference(ElementParser& input) {
  return ReferenceParser(input).Take();
}

absl::Status CheckGroupName(std::string_view name) {
  if (IsAttributeName(name) && name != kJob) return absl::OkStatus();
  return InvalidArgument(
      "'{}' can not be the name of a group; those begin with a letter, have "
      "letters, digits and ._-, and are no word like 'all' or 'job'",
      name.substr(0, kMaxValueBytes));
}

}  // namespace tutti
