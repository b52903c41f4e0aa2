#include "controller/cli/target/names.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/targets/node_set.h"
#include "common/targets/target_expression.h"
#include "controller/cli/connection.h"
#include "controller/cli/resolved_targets.h"
#include "controller/cli/target_file.h"

namespace tutti::cli {

void AddExpressions(CLI::App& verb, std::vector<std::string>& expressions) {
  AddPositionals(verb, "EXPR", expressions,
                 "Target expressions, united; - reads them from standard "
                 "input, one a line");
}

absl::StatusOr<std::vector<std::string>> TakeExpressions(
    const std::vector<std::string>& words) {
  std::vector<std::string> expressions;
  for (const std::string& word : words) {
    if (word != "-") {
      expressions.push_back(word);
      continue;
    }
    TUTTI_ASSIGN_OR_RETURN(std::vector<std::string> lines,
                           ReadTargetFile(word));
    std::move(lines.begin(), lines.end(), std::back_inserter(expressions));
  }
  if (expressions.empty()) {
    return InvalidArgument(
        "no expression is given; write one, as in 'web[01-20]', or - to read "
        "from standard input");
  }
  return expressions;
}

absl::StatusOr<std::vector<std::string>> NamesOf(
    const std::vector<std::string>& expressions, Context& context) {
  TUTTI_ASSIGN_OR_RETURN(const TargetExpression expression,
                         TargetExpression::ParseUnited(expressions));
  if (expression.IsPlain()) return expression.PlainNames();
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_ASSIGN_OR_RETURN(const std::string folded,
                         ResolveTargets(expressions, *connection));
  return ExpandNames(folded);
}

}  // namespace tutti::cli
