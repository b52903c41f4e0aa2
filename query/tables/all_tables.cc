#include "query/tables/all_tables.h"

namespace tutti::query {

// Each in a file of its name.
extern const Table kUsersTable;

const std::vector<const Table*>& AllTables() {
  static const std::vector<const Table*> kTables = {
      &kUsersTable,
  };
  return kTables;
}

}  // namespace tutti::query
