// The words and signs of a query, without its comments.
#ifndef QUERY_ENGINE_SQL_TOKENS_H_
#define QUERY_ENGINE_SQL_TOKENS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tutti::query {

// A word, a number or a sign, in lower case; quoted text is one of its own.
struct SqlToken {
  std::string text;
  size_t offset = 0;
};

// Of any text; what is quoted or a comment may lack its end.
std::vector<SqlToken> SqlTokensOf(std::string_view sql);

// The statement in `sql` without semicolons, space and comments around it.
std::string_view StatementIn(std::string_view sql);

}  // namespace tutti::query

#endif  // QUERY_ENGINE_SQL_TOKENS_H_
