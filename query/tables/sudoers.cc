// Rules of sudo (sudoers(5)).
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ascii.h"
#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/engine/table.h"
#include "query/host/folder.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

// Lines, of which those that end in a backslash go on in the next one.
std::vector<std::string> WholeLines(std::string_view content) {
  std::vector<std::string> lines;
  bool goes_on = false;
  for (std::string_view line : LinesOf(content)) {
    if (!goes_on) lines.emplace_back();
    goes_on = line.ends_with('\\');
    if (goes_on) line.remove_suffix(1);
    lines.back() += line;
  }
  return lines;
}

// "#1000 ALL=(ALL) ALL" is a rule of the account 1000.
bool IsComment(std::string_view line) {
  return line.starts_with('#') && (line.size() == 1 || !IsDigit(line[1]));
}

std::string_view Unquoted(std::string_view text) {
  const bool quoted =
      text.size() > 1 && text.starts_with('"') && text.ends_with('"');
  return quoted ? text.substr(1, text.size() - 2) : text;
}

// Reads a file and what it includes, each file once.
class Reader {
 public:
  Reader(const TableRequest& request, Rows& rows)
      : request_(request), rows_(rows) {}

  absl::Status ReadSource(const std::string& path) {
    if (!seen_.insert(path).second) return absl::OkStatus();
    TUTTI_ASSIGN_OR_RETURN(const std::string content,
                           ReadIfThere(request_.Path(path)));
    for (const std::string& whole : WholeLines(content)) {
      TUTTI_RETURN_IF_ERROR(ReadLine(path, Trimmed(whole)));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status ReadLine(const std::string& path, std::string_view line) {
    std::string_view details = line;
    const std::string_view word = TakeWord(details);
    if (!details.empty() && (word == "#include" || word == "@include")) {
      const std::string included = Resolved(path, details);
      AddRow(path, "include", included);
      return ReadSource(included);
    }
    if (!details.empty() && (word == "#includedir" || word == "@includedir")) {
      const std::string folder = Resolved(path, details);
      AddRow(path, "includedir", folder);
      return ReadFolder(folder);
    }
    if (!line.empty() && !IsComment(line)) AddRow(path, word, details);
    return absl::OkStatus();
  }

  absl::Status ReadFolder(const std::string& folder) {
    TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                           NamesIn(request_.Path(folder)));
    for (const std::string& name : names) {
      const std::string path = std::filesystem::path(folder) / name;
      // As sudo does, so that what editors and packages leave is no rule.
      if (name.find('.') != name.npos || name.ends_with('~')) continue;
      TUTTI_RETURN_IF_ERROR(ReadSource(path));
    }
    return absl::OkStatus();
  }

  // Relative to the folder of the file that says so.
  static std::string Resolved(const std::string& source,
                              std::string_view path) {
    return (std::filesystem::path(source).parent_path() / Unquoted(path))
        .lexically_normal();
  }

  void AddRow(std::string_view source, std::string_view header,
              std::string_view details) {
    Row& row = rows_.Add();
    row.Set("source", source);
    row.Set("header", header);
    row.Set("rule_details", details);
  }

  const TableRequest& request_;
  Rows& rows_;
  std::set<std::string> seen_;
};

absl::Status GenerateSudoers(const TableRequest& request, Rows& rows) {
  return Reader(request, rows).ReadSource("/etc/sudoers");
}

}  // namespace

extern const Table kSudoersTable = {
    .name = "sudoers",
    .description = "Who may run what as whom with sudo. Only root can read it.",
    .columns =
        {
            {"source", ColumnType::kText, "File that the rule stands in"},
            {"header", ColumnType::kText,
             "Who, or what is set; include and includedir too"},
            {"rule_details", ColumnType::kText, "The rest of the rule"},
        },
    .generate = GenerateSudoers,
};

}  // namespace tutti::query
