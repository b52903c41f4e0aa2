// Tables as SQLite sees them (https://www.sqlite.org/vtab.html).
#ifndef QUERY_ENGINE_VIRTUAL_TABLE_H_
#define QUERY_ENGINE_VIRTUAL_TABLE_H_

#include <sqlite3.h>

#include <string>

#include "query/engine/table.h"

namespace tutti::query {

// Makes `table` known to `database` under its name. Where a statement does not
// give it a condition that it needs, `unmet_need` is set to what it needs, and
// SQLite looks for another plan. All three must outlive the database. An SQLite
// result code.
int AddVirtualTable(sqlite3* database, const Table& table,
                    const std::string& root, std::string& unmet_need);

}  // namespace tutti::query

#endif  // QUERY_ENGINE_VIRTUAL_TABLE_H_
