// Text in quotes, within an expression.
#ifndef COMMON_TARGETS_QUOTED_TEXT_H_
#define COMMON_TARGETS_QUOTED_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/targets/element_parser.h"

namespace tutti {

// Longest value of a condition, and longest name of a job.
inline constexpr size_t kMaxValueBytes = 256;

// Whether a quote, single or double, stands next.
bool AtQuote(const ElementParser& input);

// Takes what stands between the quote that stands next and the same one again.
// INVALID_ARGUMENT when there is no second one, or more than `max_bytes`
// between them.
absl::StatusOr<std::string> TakeQuoted(ElementParser& input, size_t max_bytes);

// The refusal of what stands next.
absl::Status TooLong(const ElementParser& input, size_t max_bytes);

}  // namespace tutti

#endif  // COMMON_TARGETS_QUOTED_TEXT_H_
