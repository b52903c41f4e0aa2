// Packages that rpm has installed (rpm(8)).
#include <string>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/rpm_database.h"

namespace tutti::query {
namespace {

absl::Status GenerateRpmPackages(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(
      const std::vector<RpmPackage> packages,
      ReadRpmDatabase(request.Path(""), request.EqualTo("name")));
  for (const RpmPackage& package : packages) {
    Row& row = rows.Add();
    row.Set("name", package.name);
    row.Set("version", package.version);
    row.Set("release", package.release);
    row.Set("source", package.source);
    row.Set("size", package.size_bytes);
    row.Set("sha1", package.sha1);
    row.Set("arch", package.architecture);
    row.Set("epoch", package.epoch);
    row.Set("install_time", package.install_time);
    row.Set("vendor", package.vendor);
    row.Set("package_group", package.group);
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kRpmPackagesTable = {
    .name = "rpm_packages",
    .description = "Packages that rpm has installed.",
    .columns =
        {
            {"name", ColumnType::kText, "Name", Pushdown::kUsed},
            {"version", ColumnType::kText, "Version; compares as rpm does",
             Pushdown::kNone, Collation::kRpmVersion},
            {"release", ColumnType::kText, "Release; compares as rpm does",
             Pushdown::kNone, Collation::kRpmVersion},
            {"source", ColumnType::kText, "File name of its source package"},
            {"size", ColumnType::kBigInt, "Installed size in bytes"},
            {"sha1", ColumnType::kText, "SHA-1 of the package's header"},
            {"arch", ColumnType::kText, "Architecture"},
            {"epoch", ColumnType::kInteger, "Epoch; 0 where there is none"},
            {"install_time", ColumnType::kInteger,
             "When it was installed, in seconds of Unix time"},
            {"vendor", ColumnType::kText, "Vendor"},
            {"package_group", ColumnType::kText, "Group"},
        },
    .generate = GenerateRpmPackages,
};

}  // namespace tutti::query
