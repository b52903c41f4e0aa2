#include "query/host/systemd.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <unordered_map>

#include "common/base/ascii.h"
#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/host/folder.h"
#include "query/host/link_target.h"
#include "query/host/program.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

// Where unit files stand; the first one of a name counts (systemd.unit(5)).
constexpr std::string_view kUnitFolders[] = {
    "/etc/systemd/system", "/run/systemd/system",
    "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
    "/lib/systemd/system"};
constexpr std::string_view kUnitTypes[] = {
    ".service", ".socket", ".device", ".mount", ".automount", ".swap",
    ".target",  ".path",   ".timer",  ".slice", ".scope"};

using Json = nlohmann::json;

std::string TextIn(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : "";
}

std::vector<SystemdUnit> FromJson(const Json& list) {
  std::vector<SystemdUnit> units;
  for (const Json& object : list) {
    if (!object.is_object()) continue;
    SystemdUnit& unit = units.emplace_back();
    unit.id = TextIn(object, "unit");
    unit.description = TextIn(object, "description");
    unit.load_state = TextIn(object, "load");
    unit.active_state = TextIn(object, "active");
    unit.sub_state = TextIn(object, "sub");
  }
  return units;
}

// "ssh.service loaded active running OpenBSD Secure Shell server".
std::vector<SystemdUnit> FromColumns(std::string_view output) {
  constexpr size_t kStates = 4;
  std::vector<SystemdUnit> units;
  for (const std::string_view line : LinesOf(output)) {
    const auto words = Words(line);
    if (words.size() < kStates) continue;
    const std::string_view last_state = words[kStates - 1];
    const auto description = static_cast<size_t>(
        last_state.data() + last_state.size() - line.data());
    SystemdUnit& unit = units.emplace_back();
    unit.id = words[0];
    unit.load_state = words[1];
    unit.active_state = words[2];
    unit.sub_state = words[3];
    unit.description = Trimmed(line.substr(description));
  }
  return units;
}

void SetDetail(std::string_view line, SystemdUnit& unit) {
  const size_t equals = line.find('=');
  if (equals == line.npos) return;
  const std::string_view name = line.substr(0, equals);
  const std::string_view value = line.substr(equals + 1);
  if (name == "Id") unit.id = value;
  if (name == "Following") unit.following = value;
  if (name == "FragmentPath") unit.fragment_path = value;
  if (name == "SourcePath") unit.source_path = value;
  if (name == "User") unit.user = value;
  if (name == "Job") unit.job_id = NumberIn(value).value_or(0);
}

Program Systemctl(std::vector<std::string> arguments) {
  Program program;
  program.paths = {"/usr/bin/systemctl", "/bin/systemctl"};
  program.arguments = std::move(arguments);
  return program;
}

// A template is no unit before it has an instance.
bool IsUnitName(std::string_view name) {
  if (name.find("@.") != name.npos) return false;
  for (const std::string_view type : kUnitTypes) {
    if (name.ends_with(type) && name.size() > type.size()) return true;
  }
  return false;
}

// What a file says of itself; additions beside it are not read.
void SetFromFile(std::string_view content, SystemdUnit& unit) {
  std::string_view section;
  for (std::string_view line : LinesOf(content)) {
    line = Trimmed(line);
    if (line.starts_with('[')) section = line;
    const size_t equals = line.find('=');
    if (equals == line.npos) continue;
    const std::string_view name = Trimmed(line.substr(0, equals));
    const std::string_view value = Trimmed(line.substr(equals + 1));
    if (section == "[Unit]" && name == "Description") unit.description = value;
    if (section == "[Unit]" && name == "SourcePath") unit.source_path = value;
    if (section != "[Unit]" && name == "User") unit.user = value;
  }
}

// Absent of another name of a unit.
absl::StatusOr<std::optional<SystemdUnit>> ReadUnitFile(
    const std::string& root, const std::string& path) {
  const std::filesystem::path file = root + path;
  const std::filesystem::path target = LinkTarget(file).value_or("");
  SystemdUnit unit;
  unit.id = file.filename();
  unit.fragment_path = path;
  unit.load_state = "loaded";
  unit.active_state = "inactive";
  unit.sub_state = "dead";
  if (target == "/dev/null") {
    unit.load_state = "masked";
    return unit;
  }
  if (!target.empty() && target.filename() != file.filename()) {
    return std::nullopt;
  }
  TUTTI_ASSIGN_OR_RETURN(
      const std::string content,
      ReadIfThere(target.is_absolute() ? root + target.string()
                                       : file.string()));
  SetFromFile(content, unit);
  return unit;
}

}  // namespace

std::vector<SystemdUnit> ParseUnitList(std::string_view output) {
  const Json list = Json::parse(output, nullptr, /*allow_exceptions=*/false);
  return list.is_array() ? FromJson(list) : FromColumns(output);
}

void AddUnitDetails(std::string_view output, std::vector<SystemdUnit>& units) {
  std::unordered_map<std::string, SystemdUnit> details;
  SystemdUnit unit;
  for (const std::string_view line : LinesOf(output)) {
    if (line.empty()) {
      details[unit.id] = std::move(unit);
      unit = {};
    } else {
      SetDetail(line, unit);
    }
  }
  details[unit.id] = std::move(unit);
  for (SystemdUnit& known : units) {
    const auto found = details.find(known.id);
    if (found == details.end()) continue;
    known.following = found->second.following;
    known.fragment_path = found->second.fragment_path;
    known.source_path = found->second.source_path;
    known.user = found->second.user;
    known.job_id = found->second.job_id;
  }
}

absl::StatusOr<std::vector<SystemdUnit>> ListUnits(bool with_details) {
  TUTTI_ASSIGN_OR_RETURN(
      const std::string list,
      RunProgram(Systemctl({"list-units", "--all", "--full", "--no-legend",
                            "--no-pager", "--plain", "-o", "json"})));
  std::vector<SystemdUnit> units = ParseUnitList(list);
  if (with_details) {
    TUTTI_ASSIGN_OR_RETURN(
        const std::string details,
        RunProgram(Systemctl({"show", "--all", "--no-pager",
                              "--property=Id,Following,FragmentPath,"
                              "SourcePath,User,Job",
                              "*"})));
    AddUnitDetails(details, units);
  }
  return units;
}

absl::StatusOr<std::vector<SystemdUnit>> ReadUnitFiles(
    const std::string& root) {
  std::vector<SystemdUnit> units;
  std::set<std::string> known;
  for (const std::string_view folder : kUnitFolders) {
    TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                           NamesIn(root + std::string(folder)));
    for (const std::string& name : names) {
      if (!IsUnitName(name) || !known.insert(name).second) continue;
      TUTTI_ASSIGN_OR_RETURN(
          auto unit, ReadUnitFile(root, fmt::format("{}/{}", folder, name)));
      if (unit.has_value()) units.push_back(*std::move(unit));
    }
  }
  return units;
}

std::string UnitObjectPath(std::string_view id) {
  std::string path = "/org/freedesktop/systemd1/unit/";
  bool is_first = true;
  for (const char c : id) {
    if (IsLetter(c) || (IsDigit(c) && !is_first)) {
      path += c;
    } else {
      path += fmt::format("_{:02x}", static_cast<uint8_t>(c));
    }
    is_first = false;
  }
  return path;
}

}  // namespace tutti::query
