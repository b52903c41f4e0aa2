// What WQL, the query language of WMI, has beside SQL's SELECT.
#ifndef QUERY_ENGINE_WQL_H_
#define QUERY_ENGINE_WQL_H_

#include <optional>
#include <string>
#include <string_view>

#include "query/engine/database.h"

namespace tutti::query {

// What is WQL alone in `sql`, which SQLite does not understand, and what to use
// instead. Absent: it is wrong in another way. Offsets are of `sql`.
std::optional<QueryError> ExplainWql(std::string_view sql);
// The same of a class of WMI that `sql` names and no table has the name of.
std::optional<QueryError> ExplainWqlClass(std::string_view sql,
                                          std::string_view name);

// "CIM_Process" of "Win32_Process", the same class of WMI for Windows; other
// names as they are.
std::string DmtfName(std::string_view name);

}  // namespace tutti::query

#endif  // QUERY_ENGINE_WQL_H_
