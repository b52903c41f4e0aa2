#include "common/targets/pattern.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "common/base/status_macros.h"
#include "common/targets/quoted_text.h"

namespace tutti {
namespace {

constexpr size_t kMaxPatternBytes = 1000;
// Of the compiled form, which bounds the time to compile it as well. Searching
// a long text becomes slow with less.
constexpr int64_t kMaxValueMemory = 128 << 10;
constexpr int64_t kMaxLinesMemory = 1 << 20;

// Behind the class of characters that begins at `begin`, as in [^](,].
size_t EndOfClass(std::string_view text, size_t begin) {
  size_t i = begin + 1;
  if (i < text.size() && text[i] == '^') ++i;
  if (i < text.size() && text[i] == ']') ++i;
  while (i < text.size() && text[i] != ']' && !IsBlank(text[i])) {
    i += text[i] == '\\' ? 2 : 1;
  }
  return i < text.size() && text[i] == ']' ? i + 1 : std::min(i, text.size());
}

// Up to a blank, a comma or a ')' that is not the pattern's own.
size_t BareSize(std::string_view rest) {
  int depth = 0;
  size_t i = 0;
  while (i < rest.size()) {
    const char c = rest[i];
    if (IsBlank(c) || (depth == 0 && (c == ',' || c == ')'))) return i;
    if (c == '[') {
      i = EndOfClass(rest, i);
      continue;
    }
    if (c == '(' || c == '{') ++depth;
    if (depth > 0 && (c == ')' || c == '}')) --depth;
    i += c == '\\' ? 2 : 1;
  }
  return rest.size();
}

absl::StatusOr<std::string> TakeText(ElementParser& input) {
  if (AtQuote(input)) return TakeQuoted(input, kMaxPatternBytes);
  const size_t size = BareSize(input.rest());
  if (size > kMaxPatternBytes) return TooLong(input, kMaxPatternBytes);
  std::string text(input.rest().substr(0, size));
  input.Skip(size);
  return text;
}

std::shared_ptr<const RE2> Compile(const std::string& text,
                                   Pattern::Subject subject) {
  RE2::Options options;
  options.set_log_errors(false);
  if (subject == Pattern::Subject::kValue) {
    options.set_max_mem(kMaxValueMemory);
    return std::make_shared<const RE2>(text, options);
  }
  options.set_max_mem(kMaxLinesMemory);
  options.set_never_nl(true);
  return std::make_shared<const RE2>("(?m)" + text, options);
}

}  // namespace

absl::StatusOr<Pattern> Pattern::Take(ElementParser& input, Subject subject) {
  const ElementParser begin = input;
  TUTTI_ASSIGN_OR_RETURN(std::string text, TakeText(input));
  if (text.empty()) {
    return begin.Mistake(
        "the pattern at character {} is empty; write a regular expression",
        begin.place());
  }
  std::shared_ptr<const RE2> expression = Compile(text, subject);
  if (!expression->ok()) {
    return begin.Mistake(
        "the pattern at character {} is no regular expression ({}); correct "
        "it, see docs/targets.md",
        begin.place(), expression->error());
  }
  return Pattern(std::move(text), std::move(expression));
}

bool Pattern::Matches(std::string_view subject) const {
  return RE2::PartialMatch({subject.data(), subject.size()}, *expression_);
}

}  // namespace tutti
