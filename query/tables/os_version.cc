// The distribution, as os-release(5) has it.
#include <sys/utsname.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "common/text/shell_words.h"
#include "query/engine/table.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

using Release = std::map<std::string, std::string, std::less<>>;

constexpr std::pair<std::string_view, std::string_view> kTexts[] = {
    {"NAME", "name"},
    {"VERSION", "version"},
    {"BUILD_ID", "build"},
    {"ID", "platform"},
    {"ID_LIKE", "platform_like"},
    {"VERSION_CODENAME", "codename"},
    {"VARIANT", "extra"},
};

// Lines of assignments in the notation of a shell; others are left out.
Release ParseRelease(std::string_view text) {
  Release release;
  for (const std::string_view line : LinesOf(text)) {
    const absl::StatusOr<std::vector<std::string>> words =
        ShellWords(Trimmed(line));
    if (!words.ok() || words->size() != 1) continue;
    const std::string& word = words->front();
    const size_t equals = word.find('=');
    if (equals == word.npos) continue;
    release[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return release;
}

std::string_view ValueIn(const Release& release, std::string_view name) {
  const auto found = release.find(name);
  return found == release.end() ? std::string_view() : found->second;
}

// "22.04.3" of "22.04.3 LTS (Jammy Jellyfish)", which says more than the
// VERSION_ID "22.04"; otherwise that one.
std::string_view NumbersOf(const Release& release) {
  const std::string_view id = ValueIn(release, "VERSION_ID");
  const std::string_view version = ValueIn(release, "VERSION");
  const std::string_view first = version.substr(0, version.find(' '));
  return !id.empty() && first.starts_with(id) &&
                 first.substr(id.size()).starts_with('.')
             ? first
             : id;
}

void SetNumbers(std::string_view numbers, Row& row) {
  const std::vector<std::string_view> parts = Split(numbers, '.');
  size_t at = 0;
  for (const std::string_view column : {"major", "minor", "patch"}) {
    // A rolling release has none.
    std::optional<int64_t> number = 0;
    if (at < parts.size()) number = NumberIn(parts[at++]);
    row.Set(column, number.value_or(0));
  }
}

absl::Status GenerateOsVersion(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(std::string content,
                         ReadIfThere(request.Path("/etc/os-release")));
  if (content.empty()) {
    TUTTI_ASSIGN_OR_RETURN(content,
                           ReadIfThere(request.Path("/usr/lib/os-release")));
  }
  const Release release = ParseRelease(content);
  if (release.empty()) return absl::OkStatus();
  Row& row = rows.Add();
  for (const auto& [name, column] : kTexts) {
    row.Set(column, ValueIn(release, name));
  }
  SetNumbers(NumbersOf(release), row);
  utsname kernel = {};
  if (uname(&kernel) == 0) row.Set("arch", std::string_view(kernel.machine));
  return absl::OkStatus();
}

}  // namespace

extern const Table kOsVersionTable = {
    .name = "os_version",
    .description = "The distribution and its version, in one row.",
    .columns =
        {
            {"name", ColumnType::kText, "Name: Debian GNU/Linux"},
            {"version", ColumnType::kText, "For people: 12 (bookworm)"},
            {"major", ColumnType::kInteger, "First number of the version"},
            {"minor", ColumnType::kInteger, "Second one, or 0"},
            {"patch", ColumnType::kInteger, "Third one, or 0"},
            {"build", ColumnType::kText, "Build, where there is such a thing"},
            {"platform", ColumnType::kText, "Identifier: debian"},
            {"platform_like", ColumnType::kText,
             "Identifiers of what it is derived from, with blanks between"},
            {"codename", ColumnType::kText, "Code name: bookworm"},
            {"arch", ColumnType::kText, "Architecture: x86_64"},
            {"extra", ColumnType::kText, "Variant: Server Edition"},
        },
    .generate = GenerateOsVersion,
};

}  // namespace tutti::query
