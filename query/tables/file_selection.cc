#include "query/tables/file_selection.h"

#include <sqlite3.h>

#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "query/host/distant_mounts.h"
#include "query/host/file_kind.h"
#include "query/host/folder.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

using Operator = TableRequest::Operator;

struct Pattern {
  Operator comparison = Operator::kLike;
  std::string text;

  bool IsLike() const { return comparison == Operator::kLike; }
  bool HasWildcards() const {
    return text.find_first_of(IsLike() ? "%_" : "*?[") != text.npos;
  }
  bool IsRecursive() const {
    return text.find(IsLike() ? "%%" : "**") != text.npos;
  }
  bool Matches(const std::string& name) const {
    return (IsLike() ? sqlite3_strlike(text.c_str(), name.c_str(), 0)
                     : sqlite3_strglob(text.c_str(), name.c_str())) == 0;
  }
};

std::string Join(const std::string& directory, std::string_view name) {
  const std::string_view slash = directory.ends_with('/') ? "" : "/";
  return fmt::format("{}{}{}", directory, slash, name);
}

// "/etc" of "/etc/passwd" and of "/etc/cron.d/".
std::string ParentOf(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  return std::string(path.substr(0, slash == 0 ? 1 : slash));
}

// By the path; the kind is known of what a pattern found.
using Matches = std::map<std::string, FileKind>;

// Adds the paths below `directory` whose names match `name`. A folder that can
// not be read has none.
void AddMatches(const TableRequest& request, const std::string& directory,
                const Pattern& name, Matches& matches) {
  const auto entries = EntriesOf(request.Path(directory));
  if (!entries.ok()) return;
  for (const FolderEntry& entry : *entries) {
    const std::string path = Join(directory, entry.name);
    if (name.Matches(entry.name)) matches.emplace(path, entry.kind);
    // Not through symbolic links, which may lead back.
    if (name.IsRecursive() && entry.kind == FileKind::kFolder) {
      AddMatches(request, path, name, matches);
    }
  }
}

std::vector<std::string> Expand(const TableRequest& request,
                                const Pattern& pattern) {
  Matches matches = {{"/", FileKind::kFolder}};
  bool behind_recursion = false;
  for (const std::string_view part :
       Split(std::string_view(pattern.text).substr(1), '/')) {
    const Pattern name = {pattern.comparison, std::string(part)};
    Matches next;
    for (const auto& [path, kind] : matches) {
      // What %% found is not left through a link.
      if (behind_recursion && kind == FileKind::kLink) continue;
      if (name.HasWildcards()) {
        AddMatches(request, path, name, next);
      } else {
        next.emplace(Join(path, part), FileKind::kUnknown);
      }
    }
    behind_recursion = name.IsRecursive();
    matches = std::move(next);
  }
  std::vector<std::string> paths;
  paths.reserve(matches.size());
  for (const auto& [path, kind] : matches) paths.push_back(path);
  return paths;
}

absl::Status AddDirectory(const TableRequest& request,
                          const std::string& directory,
                          std::vector<SelectedFile>& files) {
  const std::string here = request.Path(directory);
  const FileKind kind = KindOf(here);
  // Permission to look is for NamesIn to say.
  if (kind == FileKind::kNone || kind == FileKind::kOther) {
    return absl::OkStatus();
  }
  const absl::StatusOr<std::vector<std::string>> names = NamesIn(here);
  if (IsSilent(names.status())) {
    files.push_back({"", directory, std::string(TextOf(names.status()))});
    return absl::OkStatus();
  }
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    files.push_back({Join(directory, name), directory, ""});
  }
  return absl::OkStatus();
}

// The first absolute pattern on `column`.
std::optional<Pattern> PatternOn(const TableRequest& request,
                                 std::string_view column) {
  for (const TableRequest::Condition& condition : request.conditions()) {
    const auto* text = std::get_if<std::string>(&condition.value);
    if (condition.column == column && text != nullptr &&
        condition.comparison != Operator::kEqual && text->starts_with('/')) {
      return Pattern{condition.comparison, *text};
    }
  }
  return std::nullopt;
}

bool HasRelativePattern(const TableRequest& request) {
  for (const TableRequest::Condition& condition : request.conditions()) {
    const auto* text = std::get_if<std::string>(&condition.value);
    if (condition.comparison != Operator::kEqual && text != nullptr &&
        !text->starts_with('/')) {
      return true;
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<FileSelection> SelectFiles(const TableRequest& request) {
  FileSelection selection;
  if (const auto path = request.EqualTo("path")) {
    if (path->starts_with('/')) {
      selection.files.push_back({*path, ParentOf(*path), ""});
    }
    return selection;
  }
  selection.one_of_many = true;
  if (const auto directory = request.EqualTo("directory")) {
    if (directory->starts_with('/')) {
      TUTTI_RETURN_IF_ERROR(AddDirectory(request, *directory, selection.files));
    }
    return selection;
  }
  if (const auto pattern = PatternOn(request, "path")) {
    for (std::string& path : Expand(request, *pattern)) {
      std::string directory = ParentOf(path);
      selection.files.push_back({std::move(path), std::move(directory), ""});
    }
    return selection;
  }
  if (const auto pattern = PatternOn(request, "directory")) {
    for (const std::string& directory : Expand(request, *pattern)) {
      // One of many, that others may not be allowed to read.
      AddDirectory(request, directory, selection.files).IgnoreError();
    }
    return selection;
  }
  if (HasRelativePattern(request)) {
    return InvalidArgument(
        "a pattern on path or directory has to begin with /, as in '/etc/%'");
  }
  return selection;
}

}  // namespace tutti::query
