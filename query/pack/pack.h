// Query packs of osquery: queries that belong together, in a file.
#ifndef QUERY_PACK_PACK_H_
#define QUERY_PACK_PACK_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tutti::query {

struct PackQuery {
  std::string name;
  std::string sql;
};

struct Pack {
  // Those for Linux, in the order of the file; at least one.
  std::vector<PackQuery> queries;
  // Names of those for other systems.
  std::vector<std::string> foreign;
  // The pack is for a host where each of these has rows.
  std::vector<std::string> discovery;
};

// What osquery's files say of when a query is due, and for which version or
// portion of the hosts, has no meaning here. INVALID_ARGUMENT names the line
// (as in ParseRelaxedJson) or the query, and the remedy.
absl::StatusOr<Pack> ParsePack(std::string_view text);

// A query that has a row where each of `queries` has one.
std::string AllHaveRows(const std::vector<std::string>& queries);

}  // namespace tutti::query

#endif  // QUERY_PACK_PACK_H_
