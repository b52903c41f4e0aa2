// Parameters of the kernel (sysctl(8)).
#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/engine/table.h"
#include "query/host/optional_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

using Settings = std::map<std::string, std::string, std::less<>>;

// Of sysctl --system; a file hides those of its name in later folders.
constexpr std::string_view kFolders[] = {
    "/etc/sysctl.d",     "/run/sysctl.d", "/usr/local/lib/sysctl.d",
    "/usr/lib/sysctl.d", "/lib/sysctl.d",
};
constexpr std::string_view kLastFile = "/etc/sysctl.conf";

// "net.ipv4.conf.eth0/7.mtu" of "net/ipv4/conf/eth0.7/mtu", and back.
std::string Swapped(std::string_view name) {
  std::string swapped(name);
  for (char& c : swapped) {
    if (c == '.') {
      c = '/';
    } else if (c == '/') {
      c = '.';
    }
  }
  return swapped;
}

// The name that a line of a configuration means: one whose first separator is
// a slash is a path.
std::string NameOf(std::string_view written) {
  const size_t separator = written.find_first_of("./");
  return separator != written.npos && written[separator] == '/'
             ? Swapped(written)
             : std::string(written);
}

void AddSettings(std::string_view text, Settings& settings) {
  for (std::string_view line : LinesOf(text)) {
    line = Trimmed(line);
    if (line.starts_with('#') || line.starts_with(';')) continue;
    const size_t equals = line.find('=');
    if (equals == line.npos) continue;
    std::string_view name = Trimmed(line.substr(0, equals));
    // "-": without an error where the kernel does not have it.
    if (name.starts_with('-')) name.remove_prefix(1);
    settings[NameOf(name)] = Trimmed(line.substr(equals + 1));
  }
}

absl::StatusOr<Settings> ReadSettings(const TableRequest& request) {
  // Paths by their file's name, by which they are read.
  std::map<std::string, std::string> paths;
  for (const std::string_view folder : kFolders) {
    TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                           NamesIn(request.Path(folder)));
    for (const std::string& name : names) {
      if (!name.ends_with(".conf")) continue;
      paths.emplace(name, request.Path(folder) + "/" + name);
    }
  }
  Settings settings;
  for (const auto& [name, path] : paths) {
    TUTTI_ASSIGN_OR_RETURN(const std::string text, ReadIfThere(path));
    AddSettings(text, settings);
  }
  TUTTI_ASSIGN_OR_RETURN(const std::string text,
                         ReadIfThere(request.Path(kLastFile)));
  AddSettings(text, settings);
  return settings;
}

// A row for each parameter at or below a path.
class Walk {
 public:
  Walk(const TableRequest& request, const Settings& settings, Rows& rows)
      : request_(request), settings_(settings), rows_(rows) {}

  // `path` is below /proc/sys. What vanishes meanwhile is left out.
  void Visit(const std::string& path) {
    const std::filesystem::path file = request_.Path("/proc/sys/" + path);
    std::error_code error;
    const auto type = std::filesystem::symlink_status(file, error).type();
    if (type == std::filesystem::file_type::regular) {
      Add(path, file);
    } else if (type == std::filesystem::file_type::directory) {
      const absl::StatusOr<std::vector<std::string>> names = NamesIn(file);
      if (!names.ok()) return;
      for (const std::string& name : *names) Visit(path + "/" + name);
    }
  }

 private:
  void Add(const std::string& path, const std::string& file) {
    const std::string name = Swapped(path);
    Row& row = rows_.Add();
    row.Set("name", name);
    row.Set("subsystem", path.substr(0, path.find('/')));
    row.Set("type", "string");
    const auto setting = settings_.find(name);
    if (setting != settings_.end()) row.Set("config_value", setting->second);
    if (!request_.Uses("current_value")) return;
    const std::optional<std::string> content = ReadIfReadable(file);
    if (content.has_value()) row.Set("current_value", Trimmed(*content));
  }

  const TableRequest& request_;
  const Settings& settings_;
  Rows& rows_;
};

// Whether it stays below the folder that it is put behind.
bool IsPlain(std::string_view path) {
  const std::vector<std::string_view> parts = Split(path, '/');
  return std::none_of(parts.begin(), parts.end(), [](std::string_view part) {
    return part.empty() || part == "." || part == "..";
  });
}

absl::Status Generate(const TableRequest& request, Rows& rows) {
  Settings settings;
  if (request.Uses("config_value")) {
    TUTTI_ASSIGN_OR_RETURN(settings, ReadSettings(request));
  }
  Walk walk(request, settings, rows);
  std::optional<std::string> path = request.EqualTo("name");
  if (path.has_value()) {
    path = Swapped(*path);
  } else {
    path = request.EqualTo("subsystem");
  }
  if (path.has_value()) {
    if (IsPlain(*path)) walk.Visit(*path);
    return absl::OkStatus();
  }
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> subsystems,
                         NamesIn(request.Path("/proc/sys")));
  for (const std::string& subsystem : subsystems) walk.Visit(subsystem);
  return absl::OkStatus();
}

}  // namespace

extern const Table kSystemControlsTable = {
    .name = "system_controls",
    .description = "Parameters of the kernel, as sysctl shows them.",
    .columns =
        {
            {"name", ColumnType::kText, "Name: net.ipv4.ip_forward",
             Pushdown::kUsed},
            {"oid", ColumnType::kText, "Always empty on Linux"},
            {"subsystem", ColumnType::kText, "First part of the name: net",
             Pushdown::kUsed},
            {"current_value", ColumnType::kText,
             "Value now; NULL where it can not be read"},
            {"config_value", ColumnType::kText,
             "Value of /etc/sysctl.conf and the sysctl.d folders"},
            {"type", ColumnType::kText, "string"},
        },
    .generate = Generate,
};

}  // namespace tutti::query
