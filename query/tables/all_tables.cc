#include "query/tables/all_tables.h"

namespace tutti::query {

// Each in a file of its name.
extern const Table kDebPackagesTable;
extern const Table kPackagesTable;
extern const Table kRpmPackagesTable;
extern const Table kUsersTable;

const std::vector<const Table*>& AllTables() {
  static const std::vector<const Table*> kTables = {
      &kDebPackagesTable,
      &kPackagesTable,
      &kRpmPackagesTable,
      &kUsersTable,
  };
  return kTables;
}

}  // namespace tutti::query
