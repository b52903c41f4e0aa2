// Packages that dpkg knows of (dpkg-query(1)).
#include <string>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/dpkg_database.h"

namespace tutti::query {
namespace {

absl::Status GenerateDebPackages(const TableRequest& request, Rows& rows) {
  const std::string admin_folder =
      request.EqualTo("admindir").value_or("/var/lib/dpkg");
  TUTTI_ASSIGN_OR_RETURN(const std::vector<DebPackage> packages,
                         ReadDpkgDatabase(request.Path(admin_folder)));
  for (const DebPackage& package : packages) {
    Row& row = rows.Add();
    row.Set("name", package.name);
    row.Set("version", package.version);
    row.Set("source", package.source);
    row.Set("size", package.size_bytes);
    row.Set("arch", package.architecture);
    row.Set("revision", ParseDebVersion(package.version).revision);
    row.Set("status", package.status);
    row.Set("maintainer", package.maintainer);
    row.Set("section", package.section);
    row.Set("priority", package.priority);
    row.Set("admindir", admin_folder);
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kDebPackagesTable = {
    .name = "deb_packages",
    .description =
        "Packages that dpkg knows of, removed ones that left "
        "configuration behind too (see status).",
    .columns =
        {
            {"name", ColumnType::kText, "Name"},
            {"version", ColumnType::kText, "Version; compares as dpkg does",
             Pushdown::kNone, Collation::kDpkgVersion},
            {"source", ColumnType::kText, "Name of its source package"},
            {"size", ColumnType::kBigInt,
             "Installed size in bytes, as the package says"},
            {"arch", ColumnType::kText, "Architecture"},
            {"revision", ColumnType::kText, "Debian's part of the version"},
            {"status", ColumnType::kText,
             "What is wanted, and what is: install ok installed"},
            {"maintainer", ColumnType::kText, "Maintainer"},
            {"section", ColumnType::kText, "Section of the distribution"},
            {"priority", ColumnType::kText, "Priority"},
            {"admindir", ColumnType::kText,
             "dpkg's folder, /var/lib/dpkg unless the query says another",
             Pushdown::kUsed},
        },
    .generate = GenerateDebPackages,
};

}  // namespace tutti::query
