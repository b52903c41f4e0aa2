#include "query/engine/wql.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/base/ascii.h"
#include "common/text/lines.h"

namespace tutti::query {
namespace {

constexpr std::string_view kEvents =
    "to see what changes, ask again and again with "
    "tutti query --every 5m --changes \"SELECT ...\"";

// A word, a number or a sign, in lower case; quoted text is one of its own.
struct Token {
  std::string text;
  size_t offset = 0;
};

bool IsOfWord(char c) { return IsLetter(c) || IsDigit(c) || c == '_'; }

// The first place from `from` on behind the next `end`, or the end of all.
size_t PlaceBehind(std::string_view sql, std::string_view end, size_t from) {
  const size_t found = sql.find(end, std::min(from, sql.size()));
  return found == sql.npos ? sql.size() : found + end.size();
}

// Where what begins at `at` ends: a comment, quoted text, a word, or a sign.
size_t EndOf(std::string_view sql, size_t at) {
  const std::string_view rest = sql.substr(at);
  if (rest.starts_with("--")) return PlaceBehind(sql, "\n", at);
  if (rest.starts_with("/*")) return PlaceBehind(sql, "*/", at + 2);
  if (rest[0] == '\'' || rest[0] == '"') {
    return PlaceBehind(sql, rest.substr(0, 1), at + 1);
  }
  size_t end = at;
  while (end < sql.size() && IsOfWord(sql[end])) ++end;
  return std::max(end, at + 1);
}

std::vector<Token> TokensOf(std::string_view sql) {
  std::vector<Token> tokens;
  for (size_t at = 0, end = 0; at < sql.size(); at = end) {
    end = EndOf(sql, at);
    const std::string_view text = sql.substr(at, end - at);
    if (Trimmed(text).empty() || text.starts_with("--") ||
        text.starts_with("/*")) {
      continue;
    }
    Token& token = tokens.emplace_back(Token{{}, at});
    for (const char c : text) token.text += ToLower(c);
  }
  return tokens;
}

// Of events, of subscriptions, of name spaces: all begin so.
bool IsSystemClass(std::string_view name) { return name.starts_with("__"); }

bool IsEventClass(std::string_view name) {
  return name.starts_with("win32_") &&
         (name.ends_with("event") || name.ends_with("trace"));
}

std::string_view TextAt(std::string_view sql, const Token& token) {
  return sql.substr(token.offset, token.text.size());
}

}  // namespace

std::optional<QueryError> ExplainWql(std::string_view sql) {
  const std::vector<Token> tokens = TokensOf(sql);
  if (tokens.empty()) return std::nullopt;
  const Token& first = tokens.front();
  if (first.text == "associators" || first.text == "references") {
    return QueryError{
        fmt::format("{} OF is WQL that is not supported; join named tables "
                    "instead, as in SELECT * FROM users JOIN user_groups "
                    "USING (uid)",
                    TextAt(sql, first)),
        first.offset};
  }
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    const Token& next = tokens[i + 1];
    if (tokens[i].text == "within" &&
        (IsDigit(next.text[0]) || next.text[0] == '.')) {
      return QueryError{
          fmt::format("WITHIN makes it an event query of WQL, which is not "
                      "supported; {}",
                      kEvents),
          tokens[i].offset};
    }
    if (tokens[i].text != "from") continue;
    if (IsSystemClass(next.text) || IsEventClass(next.text)) {
      return QueryError{
          fmt::format("{} is a class of WMI's events, which are not "
                      "supported; {}",
                      TextAt(sql, next), kEvents),
          next.offset};
    }
  }
  return std::nullopt;
}

std::string DmtfName(std::string_view name) {
  constexpr std::string_view kOfWindows = "win32_";
  const std::string_view begin = name.substr(0, kOfWindows.size());
  const bool same = std::equal(begin.begin(), begin.end(), kOfWindows.begin(),
                               kOfWindows.end(),
                               [](char a, char b) { return ToLower(a) == b; });
  return same ? fmt::format("CIM_{}", name.substr(kOfWindows.size()))
              : std::string(name);
}

}  // namespace tutti::query
