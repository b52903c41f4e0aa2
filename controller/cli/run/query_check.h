// Queries that are looked at before anything starts.
#ifndef CONTROLLER_CLI_RUN_QUERY_CHECK_H_
#define CONTROLLER_CLI_RUN_QUERY_CHECK_H_

#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "query/engine/database.h"

namespace tutti::cli {

// With all tables and views, only to be looked at.
absl::StatusOr<std::unique_ptr<query::Database>> OpenTables();

// The columns that the query gives, as far as it can be said here: a target may
// be of another version. INVALID_ARGUMENT begins with `option` and has the
// place of the mistake.
absl::StatusOr<std::vector<query::ResultColumn>> CheckQuery(
    query::Database& database, std::string_view option, std::string_view sql);

// The query of --where.
absl::Status CheckCondition(std::string_view sql);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_QUERY_CHECK_H_
