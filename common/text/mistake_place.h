// Where in a text a mistake is, for whoever wrote it.
#ifndef COMMON_TEXT_MISTAKE_PLACE_H_
#define COMMON_TEXT_MISTAKE_PLACE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tutti {

// The error with its place: so many bytes of `text` stand before it. The place
// is left out where the line that it is in can not be shown: it is long, or not
// ASCII alone.
absl::Status WithPlace(absl::Status mistake, std::string_view text,
                       size_t offset);

// Two indented lines: the line of text that the mistake is in, and a caret
// under its place. Empty for an error without one.
std::string ShowPlace(const absl::Status& mistake);

}  // namespace tutti

#endif  // COMMON_TEXT_MISTAKE_PLACE_H_
