#include "query/engine/sql_tokens.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "common/text/lines.h"

namespace tutti::query {
namespace {

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
  if (rest[0] == '[') return PlaceBehind(sql, "]", at + 1);
  if (rest[0] == '\'' || rest[0] == '"' || rest[0] == '`') {
    return PlaceBehind(sql, rest.substr(0, 1), at + 1);
  }
  size_t end = at;
  while (end < sql.size() && IsOfWord(sql[end])) ++end;
  return std::max(end, at + 1);
}

}  // namespace

std::vector<SqlToken> SqlTokensOf(std::string_view sql) {
  std::vector<SqlToken> tokens;
  for (size_t at = 0, end = 0; at < sql.size(); at = end) {
    end = EndOf(sql, at);
    const std::string_view text = sql.substr(at, end - at);
    if (Trimmed(text).empty() || text.starts_with("--") ||
        text.starts_with("/*")) {
      continue;
    }
    SqlToken& token = tokens.emplace_back(SqlToken{{}, at});
    for (const char c : text) token.text += ToLower(c);
  }
  return tokens;
}

std::string_view StatementIn(std::string_view sql) {
  std::vector<SqlToken> tokens = SqlTokensOf(sql);
  while (!tokens.empty() && tokens.back().text == ";") tokens.pop_back();
  if (tokens.empty()) return "";
  const size_t begin = tokens.front().offset;
  const size_t end = tokens.back().offset + tokens.back().text.size();
  return sql.substr(begin, end - begin);
}

}  // namespace tutti::query
