#include "query/host/smbios.h"

#include <algorithm>

#include "common/text/lines.h"

namespace tutti::query {
namespace {

constexpr size_t kHeaderBytes = 4;
constexpr size_t kTypeOffset = 0, kLengthOffset = 1, kHandleOffset = 2;
constexpr uint8_t kEndOfTable = 127;

// Takes the strings that follow a structure off `rest`: each ends with a zero
// byte, and one more ends them all. A structure without any has two.
std::vector<std::string_view> TakeStrings(std::string_view& rest) {
  std::vector<std::string_view> strings;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\0'), rest.size());
    const std::string_view text = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (text.empty()) break;
    strings.push_back(text);
  }
  if (strings.empty() && rest.starts_with('\0')) rest.remove_prefix(1);
  return strings;
}

}  // namespace

uint8_t SmbiosStructure::type() const {
  return static_cast<uint8_t>(fields_[kTypeOffset]);
}

uint16_t SmbiosStructure::handle() const {
  return static_cast<uint16_t>(Number(kHandleOffset, 2).value_or(0));
}

std::optional<uint64_t> SmbiosStructure::Number(size_t offset,
                                                size_t size) const {
  if (offset + size > fields_.size()) return std::nullopt;
  uint64_t number = 0;
  for (size_t i = size; i > 0; --i) {
    number = number << 8 | static_cast<uint8_t>(fields_[offset + i - 1]);
  }
  return number;
}

std::string_view SmbiosStructure::Text(size_t offset) const {
  const uint64_t number = Number(offset, 1).value_or(0);
  return number == 0 || number > strings_.size()
             ? std::string_view()
             : Trimmed(strings_[number - 1]);
}

std::vector<SmbiosStructure> ParseSmbios(std::string_view table) {
  std::vector<SmbiosStructure> structures;
  while (table.size() >= kHeaderBytes) {
    const size_t length = static_cast<uint8_t>(table[kLengthOffset]);
    if (length < kHeaderBytes || length > table.size()) break;
    const std::string_view fields = table.substr(0, length);
    table.remove_prefix(length);
    structures.emplace_back(fields, TakeStrings(table));
    if (structures.back().type() == kEndOfTable) break;
  }
  return structures;
}

}  // namespace tutti::query
