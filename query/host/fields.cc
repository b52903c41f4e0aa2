#include "query/host/fields.h"

#include <vector>

#include "common/text/lines.h"
#include "query/host/text_file.h"

namespace tutti::query {

Fields FieldsOf(std::string_view text) {
  Fields fields;
  for (const std::string_view line : LinesOf(text)) {
    const size_t colon = line.find(':');
    if (colon == line.npos) continue;
    fields.emplace(Trimmed(line.substr(0, colon)),
                   Trimmed(line.substr(colon + 1)));
  }
  return fields;
}

std::optional<std::string_view> FieldIn(const Fields& fields,
                                        std::string_view name) {
  const auto found = fields.find(name);
  if (found == fields.end()) return std::nullopt;
  return found->second;
}

std::optional<int64_t> NumberOf(const Fields& fields, std::string_view name) {
  return NumberIn(FieldIn(fields, name).value_or(""));
}

std::optional<int64_t> BytesOf(const Fields& fields, std::string_view name) {
  const std::vector<std::string_view> words =
      Words(FieldIn(fields, name).value_or(""));
  if (words.size() != 2 || words[1] != "kB") return std::nullopt;
  const std::optional<int64_t> number = NumberIn(words[0]);
  if (!number.has_value()) return std::nullopt;
  return *number * 1024;
}

}  // namespace tutti::query
