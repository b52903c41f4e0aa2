// What starts by itself with the host or a desktop.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "common/base/ascii.h"
#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/engine/table.h"
#include "query/host/accounts.h"
#include "query/host/folder.h"
#include "query/host/link_target.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

constexpr std::string_view kItem = "Startup Item";
constexpr std::string_view kScripts = "/etc/init.d";
constexpr std::string_view kUnits = "/etc/systemd/system";

// One of many: none where the folder may not be read.
std::vector<std::string> NamesOfMany(const std::string& folder) {
  return NamesIn(folder).value_or(std::vector<std::string>());
}

// The first value of a key in files of systemd and of desktops. Keys may stand
// in several sections; those asked for do not.
std::optional<std::string> ValueIn(std::string_view content,
                                   std::string_view key) {
  for (const std::string_view line : LinesOf(content)) {
    const size_t equals = std::min(line.find('='), line.size());
    if (equals < line.size() && Trimmed(line.substr(0, equals)) == key) {
      return std::string(Trimmed(line.substr(equals + 1)));
    }
  }
  return std::nullopt;
}

std::string_view StatusOf(bool enabled) {
  return enabled ? "enabled" : "disabled";
}

// Files .desktop of the Desktop Application Autostart Specification.
void AddDesktopItems(const TableRequest& request, const std::string& folder,
                     std::string_view username, Rows& rows) {
  for (const std::string& name : NamesOfMany(request.Path(folder))) {
    if (!name.ends_with(".desktop")) continue;
    const std::string content =
        ReadOneOfMany(request.Path(folder + "/" + name));
    const std::string command = ValueIn(content, "Exec").value_or("");
    const size_t blank = std::min(command.find(' '), command.size());
    Row& row = rows.Add();
    row.Set("name", ValueIn(content, "Name").value_or(name));
    row.Set("path", command.substr(0, blank));
    row.Set("args", Trimmed(std::string_view(command).substr(blank)));
    row.Set("type", kItem);
    row.Set("source", folder);
    row.Set("status", StatusOf(ValueIn(content, "Hidden") != "true"));
    row.Set("username", username);
  }
}

// Whether "S01name" stands in a folder of a run level in which a host works.
bool IsStarted(std::string_view script,
               const std::vector<std::string>& started) {
  return std::any_of(started.begin(), started.end(), [&](const auto& name) {
    return name.size() > 3 && name[0] == 'S' && IsDigit(name[1]) &&
           IsDigit(name[2]) && std::string_view(name).substr(3) == script;
  });
}

void AddScripts(const TableRequest& request, Rows& rows) {
  std::vector<std::string> started;
  for (const char level : {'S', '2', '3', '4', '5'}) {
    const auto names =
        NamesOfMany(request.Path(fmt::format("/etc/rc{}.d", level)));
    started.insert(started.end(), names.begin(), names.end());
  }
  for (const std::string& name : NamesOfMany(request.Path(kScripts))) {
    Row& row = rows.Add();
    row.Set("name", name);
    row.Set("path", fmt::format("{}/{}", kScripts, name));
    row.Set("type", kItem);
    row.Set("source", kScripts);
    row.Set("status", StatusOf(IsStarted(name, started)));
  }
}

// Where a link leads, one step, without the "." and ".." in it.
std::string TargetOf(const TableRequest& request, const std::string& path) {
  const std::optional<std::string> target = LinkTarget(request.Path(path));
  if (!target.has_value()) return path;
  return (std::filesystem::path(path).parent_path() / *target)
      .lexically_normal();
}

// What `systemctl enable` links into the folders of targets.
void AddUnits(const TableRequest& request, Rows& rows) {
  for (const std::string& folder : NamesOfMany(request.Path(kUnits))) {
    if (!folder.ends_with(".wants") && !folder.ends_with(".requires")) continue;
    const std::string source = fmt::format("{}/{}", kUnits, folder);
    for (const std::string& name : NamesOfMany(request.Path(source))) {
      const std::string path = TargetOf(request, source + "/" + name);
      const std::string content = ReadOneOfMany(request.Path(path));
      Row& row = rows.Add();
      row.Set("name", name);
      row.Set("path", path);
      row.Set("type", "systemd unit");
      row.Set("source", source);
      row.Set("status", StatusOf(true));
      row.Set("username", ValueIn(content, "User"));
    }
  }
}

absl::Status GenerateStartupItems(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<Account> accounts,
                         AccountsIn(request.Path("/etc/passwd")));
  for (const Account& account : accounts) {
    AddDesktopItems(request, account.directory + "/.config/autostart",
                    account.name, rows);
  }
  AddDesktopItems(request, "/etc/xdg/autostart", "", rows);
  AddScripts(request, rows);
  AddUnits(request, rows);
  return absl::OkStatus();
}

}  // namespace

extern const Table kStartupItemsTable = {
    .name = "startup_items",
    .description =
        "What starts with the host (scripts of init, enabled units "
        "of systemd) or with a desktop.",
    .columns =
        {
            {"name", ColumnType::kText, "Name"},
            {"path", ColumnType::kText, "Program, script or unit"},
            {"args", ColumnType::kText, "Arguments of the program"},
            {"type", ColumnType::kText, "Startup Item or systemd unit"},
            {"source", ColumnType::kText, "Folder that says so"},
            {"status", ColumnType::kText, "enabled or disabled"},
            {"username", ColumnType::kText,
             "Account of the desktop or of the unit, where it is said"},
        },
    .generate = GenerateStartupItems,
};

}  // namespace tutti::query
