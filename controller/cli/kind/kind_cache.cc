#include "controller/cli/kind/kind_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>

#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/jobs/kind_name.h"
#include "common/text/json_text.h"
#include "controller/cli/kind/kinds_query.h"
#include "controller/cli/output.h"

namespace tutti::cli {
namespace {

constexpr char kExtension[] = ".json";

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Empty where there is none.
std::string FolderOf(const std::string& fleet) {
  std::string folder = Environment("XDG_CACHE_HOME");
  if (folder.empty()) {
    const std::string home = Environment("HOME");
    if (home.empty()) return "";
    folder = home + "/.cache";
  }
  return fmt::format("{}/tutti/{}/kinds", folder, fleet);
}

std::string PathOf(const std::string& folder, const std::string& name) {
  return fmt::format("{}/{}{}", folder, name, kExtension);
}

std::string TextIn(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>()
                                                   : "";
}

}  // namespace

absl::Status KeepKinds(const std::string& fleet,
                       const std::vector<TargetKind>& kinds) {
  const std::string folder = FolderOf(fleet);
  if (folder.empty()) return absl::OkStatus();
  TUTTI_RETURN_IF_ERROR(MakeDirectories(folder, 0700));
  std::map<std::string, Json> by_name;
  for (const TargetKind& kind : kinds) {
    // It becomes a file's name here, and came from a target.
    if (!kind.error.empty() || !IsKindName(kind.manifest.name)) continue;
    by_name[kind.manifest.name].push_back(KindToJson(kind));
  }
  for (const auto& [name, versions] : by_name) {
    TUTTI_RETURN_IF_ERROR(WriteFileAtomically(
        PathOf(folder, name), ToLine(Versioned({{"kinds", versions}})) + "\n",
        0600));
  }
  return absl::OkStatus();
}

std::vector<Manifest> KnownVersions(const std::string& fleet,
                                    const std::string& name) {
  std::vector<Manifest> versions;
  const auto text = ReadFile(PathOf(FolderOf(fleet), name));
  // What can not be read is not known.
  if (!text.ok()) return versions;
  const std::optional<Json> json = ParseJson(*text);
  if (!json.has_value() || !json->contains("kinds") ||
      !(*json)["kinds"].is_array()) {
    return versions;
  }
  for (const Json& kind : (*json)["kinds"]) {
    if (!kind.is_object() || !kind.contains("parameters")) continue;
    Manifest& manifest = versions.emplace_back();
    manifest.name = name;
    manifest.version = TextIn(kind, "version");
    manifest.parameters = ParametersFromJson(kind["parameters"]);
  }
  return versions;
}

std::vector<std::string> KnownKinds(const std::string& fleet) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(FolderOf(fleet), error);
  for (; !error && entry != std::filesystem::directory_iterator();
       entry.increment(error)) {
    if (entry->path().extension() == kExtension) {
      names.push_back(entry->path().stem());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace tutti::cli
