#include "query/tables/all_tables.h"

namespace tutti::query {

// Each in a file of its name.
extern const Table kAptSourcesTable;
extern const Table kArpCacheTable;
extern const Table kDebPackagesTable;
extern const Table kInterfaceAddressesTable;
extern const Table kInterfaceDetailsTable;
extern const Table kJournalTable;
extern const Table kPackagesTable;
extern const Table kRoutesTable;
extern const Table kRpmPackagesTable;
extern const Table kSystemdUnitsTable;
extern const Table kUsersTable;

const std::vector<const Table*>& AllTables() {
  static const std::vector<const Table*> kTables = {
      &kAptSourcesTable,
      &kArpCacheTable,
      &kDebPackagesTable,
      &kInterfaceAddressesTable,
      &kInterfaceDetailsTable,
      &kJournalTable,
      &kPackagesTable,
      &kRoutesTable,
      &kRpmPackagesTable,
      &kSystemdUnitsTable,
      &kUsersTable,
  };
  return kTables;
}

}  // namespace tutti::query
