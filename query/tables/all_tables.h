// The one list of tables.
#ifndef QUERY_TABLES_ALL_TABLES_H_
#define QUERY_TABLES_ALL_TABLES_H_

#include <vector>

#include "query/engine/table.h"

namespace tutti::query {

// Sorted by name. Adding a table is a file of its own, a line in CMakeLists.txt
// and one in the list.
const std::vector<const Table*>& AllTables();

}  // namespace tutti::query

#endif  // QUERY_TABLES_ALL_TABLES_H_
