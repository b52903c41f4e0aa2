#include "query/pack/pack.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/ascii.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/engine/sql_tokens.h"
#include "query/pack/relaxed_json.h"

namespace tutti::query {
namespace {

using Json = nlohmann::ordered_json;

// Names by which osquery knows Linux, and what it is one of.
constexpr std::array<std::string_view, 6> kLinux = {"all",   "any",   "centos",
                                                    "linux", "posix", "ubuntu"};

// The member, or null.
Json At(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? Json() : *found;
}

// Whether "darwin,linux" has a word for Linux, or nothing says where it runs.
absl::StatusOr<bool> IsForLinux(const Json& platform) {
  if (platform.is_null()) return true;
  if (!platform.is_string()) {
    return InvalidArgument(
        "its platform is no text; write it as in \"linux\" or "
        "\"darwin,linux\"");
  }
  std::string text = platform.get<std::string>();
  std::replace(text.begin(), text.end(), ',', ' ');
  std::transform(text.begin(), text.end(), text.begin(), ToLower);
  const std::vector<std::string_view> words = Words(text);
  return words.empty() || text == "null" ||
         std::any_of(words.begin(), words.end(), [](std::string_view word) {
           return std::find(kLinux.begin(), kLinux.end(), word) != kLinux.end();
         });
}

absl::StatusOr<std::vector<std::string>> ParseDiscovery(const Json& list) {
  std::vector<std::string> queries;
  if (list.is_null()) return queries;
  const bool are_texts =
      list.is_array() &&
      std::all_of(list.begin(), list.end(),
                  [](const Json& query) { return query.is_string(); });
  if (!are_texts) {
    return InvalidArgument(
        "its discovery is no list of queries; write it as in [\"SELECT pid "
        "FROM "
        "processes WHERE name = 'sshd'\"]");
  }
  queries.reserve(list.size());
  for (const Json& query : list) queries.push_back(query.get<std::string>());
  return queries;
}

absl::Status AddQuery(const std::string& name, const Json& query, Pack& pack) {
  if (!query.is_object() || !At(query, "query").is_string()) {
    return InvalidArgument(
        "it has no query; write it as in {{\"query\": \"SELECT ...\"}}");
  }
  TUTTI_ASSIGN_OR_RETURN(const bool fits, IsForLinux(At(query, "platform")));
  if (fits) {
    pack.queries.push_back({name, At(query, "query").get<std::string>()});
  } else {
    pack.foreign.push_back(name);
  }
  return absl::OkStatus();
}

// The queries of a pack, or why there are none.
absl::StatusOr<const Json*> QueriesOf(const Json& root) {
  if (!root.is_object()) {
    return InvalidArgument(
        "this is no pack; write one as in {{\"queries\": {{\"NAME\": "
        "{{\"query\": \"SELECT ...\"}}}}}}");
  }
  const auto queries = root.find("queries");
  const bool is_there = queries != root.end() && !queries->is_null();
  if (is_there && queries->is_object() && !queries->empty()) return &*queries;
  if (!is_there && (root.contains("packs") || root.contains("schedule"))) {
    return InvalidArgument(
        "this is a configuration of osquery; give the file of one of its "
        "packs, "
        "or its schedule under the name \"queries\"");
  }
  return InvalidArgument(
      "the pack has no queries; write them as in {{\"queries\": {{\"NAME\": "
      "{{\"query\": \"SELECT ...\"}}}}}}");
}

}  // namespace

absl::StatusOr<Pack> ParsePack(std::string_view text) {
  TUTTI_ASSIGN_OR_RETURN(const Json root, ParseRelaxedJson(text));
  TUTTI_ASSIGN_OR_RETURN(const Json* queries, QueriesOf(root));
  TUTTI_ASSIGN_OR_RETURN(const bool fits, IsForLinux(At(root, "platform")));
  if (!fits) {
    return InvalidArgument(
        "the pack is for {}, and targets run Linux; change its platform, or "
        "give another pack",
        At(root, "platform").get<std::string>());
  }
  Pack pack;
  TUTTI_ASSIGN_OR_RETURN(pack.discovery, ParseDiscovery(At(root, "discovery")));
  for (const auto& [name, query] : queries->items()) {
    if (absl::Status added = AddQuery(name, query, pack); !added.ok()) {
      return WithPrefix(name, added);
    }
  }
  if (!pack.queries.empty()) return pack;
  return InvalidArgument(
      "none of its queries is for Linux; change their platform, or give "
      "another "
      "pack");
}

std::string AllHaveRows(const std::vector<std::string>& queries) {
  std::string all = "SELECT 1 WHERE ";
  for (const std::string& query : queries) {
    if (all.ends_with(')')) all += " AND ";
    all.append("EXISTS (").append(StatementIn(query)).append(")");
  }
  return all;
}

}  // namespace tutti::query
