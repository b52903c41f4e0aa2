#include "query/host/text_file.h"

#include "common/text/lines.h"
#include "common/text/whole_number.h"

namespace tutti::query {

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) lines.push_back(TakeLine(text));
  return lines;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t at = text.find(separator); at != text.npos;
       at = text.find(separator)) {
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  parts.push_back(text);
  return parts;
}

std::optional<int64_t> NumberIn(std::string_view text) {
  int64_t number = 0;
  if (!ParseWhole(text, number)) return std::nullopt;
  return number;
}

}  // namespace tutti::query
