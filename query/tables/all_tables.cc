#include "query/tables/all_tables.h"

namespace tutti::query {

// Each in a file of its name.
extern const Table kEnvironmentTable;
extern const Table kListeningPortsTable;
extern const Table kProcessEnvsTable;
extern const Table kProcessOpenFilesTable;
extern const Table kProcessOpenSocketsTable;
extern const Table kProcessesTable;
extern const Table kUsersTable;

const std::vector<const Table*>& AllTables() {
  static const std::vector<const Table*> kTables = {
      &kEnvironmentTable,
      &kListeningPortsTable,
      &kProcessEnvsTable,
      &kProcessOpenFilesTable,
      &kProcessOpenSocketsTable,
      &kProcessesTable,
      &kUsersTable,
  };
  return kTables;
}

}  // namespace tutti::query
