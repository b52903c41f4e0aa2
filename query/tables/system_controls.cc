// Parameters of the kernel (sysctl(8)).
#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/engine/table.h"
#include "query/host/folder.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

// What the configuration says of a parameter, or of all that a pattern of
// glob(7) names.
struct Setting {
  // Below /proc/sys.
  std::string path;
  // Absent: patterns do not mean this one.
  std::optional<std::string> value;
};
// Later ones win.
using Settings = std::vector<Setting>;

// Of sysctl --system; a file hides those of its name in later folders.
constexpr std::string_view kConfigurationFolders[] = {
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

// The path that a line of a configuration means: what has a slash as its first
// separator is one.
std::string PathOf(std::string_view written) {
  const size_t separator = written.find_first_of("./");
  return separator != written.npos && written[separator] == '/'
             ? std::string(written)
             : Swapped(written);
}

void AddSettings(std::string_view text, Settings& settings) {
  for (std::string_view line : LinesOf(text)) {
    line = Trimmed(line);
    if (line.starts_with('#') || line.starts_with(';')) continue;
    const size_t equals = line.find('=');
    std::string_view name = Trimmed(line.substr(0, equals));
    // With a value: no error where the kernel does not have it.
    const bool dashed = name.starts_with('-');
    if (dashed) name.remove_prefix(1);
    if (equals != line.npos) {
      settings.push_back(
          {PathOf(name), std::string(Trimmed(line.substr(equals + 1)))});
    } else if (dashed) {
      settings.push_back({PathOf(name), std::nullopt});
    }
  }
}

std::optional<std::string> ValueIn(const Settings& settings,
                                   const std::string& path) {
  for (auto it = settings.rbegin(); it != settings.rend(); ++it) {
    if (it->path == path) return it->value;
  }
  for (auto it = settings.rbegin(); it != settings.rend(); ++it) {
    if (it->value.has_value() &&
        fnmatch(it->path.c_str(), path.c_str(), FNM_PATHNAME) == 0) {
      return it->value;
    }
  }
  return std::nullopt;
}

absl::StatusOr<Settings> ReadSettings(const TableRequest& request) {
  // Paths by their file's name, by which they are read.
  std::map<std::string, std::string> paths;
  for (const std::string_view folder : kConfigurationFolders) {
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
    Row& row = rows_.Add();
    row.Set("name", Swapped(path));
    row.Set("subsystem", path.substr(0, path.find('/')));
    row.Set("type", "string");
    row.Set("config_value", ValueIn(settings_, path));
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

absl::Status GenerateSystemControls(const TableRequest& request, Rows& rows) {
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
    .generate = GenerateSystemControls,
};

}  // namespace tutti::query
