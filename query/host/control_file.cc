#include "query/host/control_file.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "common/text/lines.h"

namespace tutti::query {
namespace {

bool SameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ToLower(x) == ToLower(y); });
}

}  // namespace

std::string_view ControlParagraph::Get(std::string_view name) const {
  for (const Field& field : fields_) {
    if (SameName(field.name, name)) return Trimmed(field.value);
  }
  return {};
}

void ControlParagraph::Continue(std::string_view line) {
  if (fields_.empty()) return;
  std::string_view& value = fields_.back().value;
  const char* end = line.data() + line.size();
  value = {value.data(), static_cast<size_t>(end - value.data())};
}

std::vector<ControlParagraph> ParagraphsOf(std::string_view text) {
  std::vector<ControlParagraph> paragraphs;
  ControlParagraph paragraph;
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (Trimmed(line).empty()) {
      if (!paragraph.empty()) paragraphs.push_back(paragraph);
      paragraph = {};
    } else if (line[0] == '#') {
      continue;
    } else if (IsBlank(line[0])) {
      paragraph.Continue(line);
    } else if (const size_t colon = line.find(':'); colon != line.npos) {
      paragraph.Add(Trimmed(line.substr(0, colon)), line.substr(colon + 1));
    }
  }
  if (!paragraph.empty()) paragraphs.push_back(paragraph);
  return paragraphs;
}

}  // namespace tutti::query
