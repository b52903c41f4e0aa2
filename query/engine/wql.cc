#include "query/engine/wql.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/base/ascii.h"
#include "query/engine/sql_tokens.h"

namespace tutti::query {
namespace {

constexpr std::string_view kEvents =
    "to see what changes, ask again and again with "
    "tutti query --every 5m --changes \"SELECT ...\"";

// Of events, of subscriptions, of name spaces: all begin so.
bool IsSystemClass(std::string_view name) { return name.starts_with("__"); }

// An entry of the log of Windows, which stays.
constexpr std::string_view kLogClass = "win32_ntlogevent";

bool IsEventClass(std::string_view name) {
  return name.starts_with("win32_") && name != kLogClass &&
         (name.ends_with("event") || name.ends_with("trace"));
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), ToLower);
  return lower;
}

std::string_view TextAt(std::string_view sql, const SqlToken& token) {
  return sql.substr(token.offset, token.text.size());
}

// What SQLite takes for a mistake wherever it stands: WITHIN 5, ISA 'Class'.
std::optional<QueryError> ExplainEventQuery(
    const std::vector<SqlToken>& tokens) {
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    const char next = tokens[i + 1].text[0];
    const bool within =
        tokens[i].text == "within" && (IsDigit(next) || next == '.');
    const bool isa = tokens[i].text == "isa" && (next == '\'' || next == '"');
    if (!within && !isa) continue;
    return QueryError{
        fmt::format("{} makes it an event query of WQL, which is not "
                    "supported; {}",
                    isa ? "ISA" : "WITHIN", kEvents),
        tokens[i].offset};
  }
  return std::nullopt;
}

}  // namespace

std::optional<QueryError> ExplainWql(std::string_view sql) {
  const std::vector<SqlToken> tokens = SqlTokensOf(sql);
  if (tokens.empty()) return std::nullopt;
  const SqlToken& first = tokens.front();
  if (first.text == "associators" || first.text == "references") {
    return QueryError{
        fmt::format("{} OF is WQL that is not supported; join named tables "
                    "instead, as in SELECT * FROM users JOIN user_groups "
                    "USING (uid)",
                    TextAt(sql, first)),
        first.offset};
  }
  return ExplainEventQuery(tokens);
}

std::optional<QueryError> ExplainWqlClass(std::string_view sql,
                                          std::string_view name) {
  const std::string lower = LowerCase(name);
  const bool of_log = lower == kLogClass;
  if (!of_log && !IsSystemClass(lower) && !IsEventClass(lower)) {
    return std::nullopt;
  }
  QueryError error;
  error.text = of_log
                   ? fmt::format(
                         "{} is the log of Windows; that of this host is the "
                         "table journal",
                         name)
                   : fmt::format(
                         "{} is a class of WMI's events, which are not "
                         "supported; {}",
                         name, kEvents);
  for (const SqlToken& token : SqlTokensOf(sql)) {
    if (token.text != lower) continue;
    error.offset = token.offset;
    break;
  }
  return error;
}

std::string DmtfName(std::string_view name) {
  constexpr std::string_view kOfWindows = "win32_";
  return LowerCase(name).starts_with(kOfWindows)
             ? fmt::format("CIM_{}", name.substr(kOfWindows.size()))
             : std::string(name);
}

}  // namespace tutti::query
