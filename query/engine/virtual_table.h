// Tables as SQLite sees them (https://www.sqlite.org/vtab.html).
#ifndef QUERY_ENGINE_VIRTUAL_TABLE_H_
#define QUERY_ENGINE_VIRTUAL_TABLE_H_

#include <sqlite3.h>

#include <string>

#include "query/engine/table.h"

namespace tutti::query {

// Makes `table` known to `database` under its name. `table` and `root` must
// outlive the database. An SQLite result code.
int AddVirtualTable(sqlite3* database, const Table& table,
                    const std::string& root);

}  // namespace tutti::query

#endif  // QUERY_ENGINE_VIRTUAL_TABLE_H_
