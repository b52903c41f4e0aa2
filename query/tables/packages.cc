// Packages of dpkg and of rpm in one table.
#include <string>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/dpkg_database.h"
#include "query/host/rpm_database.h"

namespace tutti::query {
namespace {

absl::Status AddDebs(const TableRequest& request, Rows& rows) {
  const std::string admin_folder = request.Path("/var/lib/dpkg");
  TUTTI_ASSIGN_OR_RETURN(const std::vector<DebPackage> packages,
                         ReadDpkgDatabase(admin_folder));
  const std::optional<std::string> name = request.EqualTo("name");
  for (const DebPackage& package : packages) {
    if (name.value_or(package.name) != package.name) continue;
    const DebVersion version = ParseDebVersion(package.version);
    Row& row = rows.Add();
    row.Set("name", package.name);
    row.Set("version", version.upstream);
    row.Set("release", version.revision);
    row.Set("epoch", version.epoch);
    row.Set("architecture", package.architecture);
    row.Set("source", package.source);
    row.Set("format", "deb");
    row.Set("status", package.state);
    row.Set("size_bytes", package.size_bytes);
    if (request.Uses("installed_at")) {
      row.Set("installed_at", UnpackTime(admin_folder, package));
    }
  }
  return absl::OkStatus();
}

absl::Status AddRpms(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(
      const std::vector<RpmPackage> packages,
      ReadRpmDatabase(request.Path(""), request.EqualTo("name")));
  for (const RpmPackage& package : packages) {
    Row& row = rows.Add();
    row.Set("name", package.name);
    row.Set("version", package.version);
    row.Set("release", package.release);
    row.Set("epoch", package.epoch);
    row.Set("architecture", package.architecture);
    row.Set("source", package.source);
    row.Set("format", "rpm");
    row.Set("status", "installed");
    row.Set("size_bytes", package.size_bytes);
    row.Set("installed_at", package.install_time);
  }
  return absl::OkStatus();
}

absl::Status GeneratePackages(const TableRequest& request, Rows& rows) {
  const std::string format = request.EqualTo("format").value_or("");
  if (format != "rpm") TUTTI_RETURN_IF_ERROR(AddDebs(request, rows));
  if (format != "deb") TUTTI_RETURN_IF_ERROR(AddRpms(request, rows));
  return absl::OkStatus();
}

}  // namespace

extern const Table kPackagesTable = {
    .name = "packages",
    .description = "Packages of dpkg and of rpm.",
    .columns =
        {
            {"name", ColumnType::kText, "Name", Pushdown::kUsed},
            {"version", ColumnType::kText,
             "Upstream's version, without epoch and release; compares as dpkg "
             "does",
             Pushdown::kNone, Collation::kDpkgVersion},
            {"release", ColumnType::kText,
             "The distribution's part of the version", Pushdown::kNone,
             Collation::kDpkgVersion},
            {"epoch", ColumnType::kInteger, "Epoch; 0 where there is none"},
            {"architecture", ColumnType::kText, "Architecture"},
            {"source", ColumnType::kText,
             "Its source package: the name (deb) or the file (rpm)"},
            {"format", ColumnType::kText, "deb or rpm", Pushdown::kUsed},
            {"status", ColumnType::kText,
             "installed; of a deb also config-files, half-installed and so on"},
            {"size_bytes", ColumnType::kBigInt, "Installed size in bytes"},
            {"installed_at", ColumnType::kBigInt,
             "When it was installed or upgraded last, in seconds of Unix time"},
        },
    .generate = GeneratePackages,
};

}  // namespace tutti::query
