#include "controller/cli/run/query_check.h"

#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/text/mistake_place.h"
#include "query/cim/all_views.h"
#include "query/tables/all_tables.h"

namespace tutti::cli {

absl::StatusOr<std::unique_ptr<query::Database>> OpenTables() {
  return query::Database::Open(query::AllTables(), query::AllViews(),
                               /*root=*/"");
}

absl::StatusOr<std::vector<query::ResultColumn>> CheckQuery(
    query::Database& database, std::string_view option, std::string_view sql) {
  auto columns = database.Check(sql);
  if (columns.ok()) return columns;
  const query::QueryError error = database.error();
  absl::Status status = WithPrefix(option, columns.status());
  if (!error.offset.has_value()) return status;
  return WithPlace(std::move(status), sql, *error.offset);
}

absl::Status CheckCondition(std::string_view sql) {
  TUTTI_ASSIGN_OR_RETURN(const auto database, OpenTables());
  return CheckQuery(*database, "--where", sql).status();
}

}  // namespace tutti::cli
