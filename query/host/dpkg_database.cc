#include "query/host/dpkg_database.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "common/base/status_macros.h"
#include "query/host/control_file.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

constexpr int64_t kInstalledSizeUnit = 1024;

DebPackage PackageOf(const ControlParagraph& paragraph) {
  DebPackage package;
  package.name = paragraph.Get("Package");
  package.version = paragraph.Get("Version");
  package.architecture = paragraph.Get("Architecture");
  package.maintainer = paragraph.Get("Maintainer");
  package.section = paragraph.Get("Section");
  package.priority = paragraph.Get("Priority");
  package.status = paragraph.Get("Status");
  package.state = package.status.substr(package.status.rfind(' ') + 1);
  // "Source: gcc-12 (12.2.0-14)" where the versions differ.
  const std::string_view source = paragraph.Get("Source");
  package.source =
      source.empty() ? package.name : source.substr(0, source.find(' '));
  if (const auto size = NumberIn(paragraph.Get("Installed-Size"))) {
    package.size_bytes = *size * kInstalledSizeUnit;
  }
  return package;
}

}  // namespace

DebVersion ParseDebVersion(std::string_view version) {
  DebVersion parts;
  if (const size_t colon = version.find(':'); colon != version.npos) {
    parts.epoch = NumberIn(version.substr(0, colon)).value_or(0);
    version.remove_prefix(colon + 1);
  }
  const size_t dash = version.rfind('-');
  parts.upstream = version.substr(0, dash);
  if (dash != version.npos) parts.revision = version.substr(dash + 1);
  return parts;
}

absl::StatusOr<std::vector<DebPackage>> ReadDpkgDatabase(
    const std::string& admin_folder) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadIfThere(admin_folder + "/status"));
  std::vector<DebPackage> packages;
  for (const ControlParagraph& paragraph : ParagraphsOf(content)) {
    DebPackage package = PackageOf(paragraph);
    if (package.name.empty() || package.state == "not-installed") continue;
    packages.push_back(std::move(package));
  }
  return packages;
}

std::optional<int64_t> UnpackTime(const std::string& admin_folder,
                                  const DebPackage& package) {
  // The second name is that of a package that may be there once for each
  // architecture.
  for (const std::string& path :
       {fmt::format("{}/info/{}.list", admin_folder, package.name),
        fmt::format("{}/info/{}:{}.list", admin_folder, package.name,
                    package.architecture)}) {
    struct stat status = {};
    if (stat(path.c_str(), &status) == 0) return status.st_mtime;
  }
  return std::nullopt;
}

}  // namespace tutti::query
