#include "query/host/text_file.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "common/text/whole_number.h"
#include "query/host/distant_mounts.h"

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

namespace {

// Each ends with a zero byte.
absl::StatusOr<std::string> NamesHere(const std::string& folder) {
  std::string names;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  while (!error && entry != std::filesystem::directory_iterator()) {
    names += entry->path().filename();
    names += '\0';
    entry.increment(error);
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return SystemError(error.value(), fmt::format("read folder {}", folder));
  }
  return names;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> NamesIn(const std::string& folder) {
  TUTTI_ASSIGN_OR_RETURN(const std::string bytes,
                         ReachOne(folder, [&] { return NamesHere(folder); }));
  std::vector<std::string> names;
  for (std::string_view rest = bytes; !rest.empty();) {
    const size_t end = rest.find('\0');
    names.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace tutti::query
