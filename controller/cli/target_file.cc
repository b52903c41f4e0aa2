#include "controller/cli/target_file.h"

#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/targets/target_expression.h"
#include "common/text/lines.h"

namespace tutti::cli {
absl::StatusOr<std::vector<std::string>> ParseTargetFile(
    std::string_view path, std::string_view content) {
  std::vector<std::string> expressions;
  for (int line_number = 1; !content.empty(); ++line_number) {
    const std::string_view line = Trimmed(TakeLine(content));
    if (line.find('\0') != line.npos) {
      return InvalidArgument(
          "{}:{}: there is a NUL byte; write one name or expression a line",
          path, line_number);
    }
    if (line.empty() || line[0] == '#') continue;
    if (const auto parsed = TargetExpression::Parse(line); !parsed.ok()) {
      return InvalidArgument("{}:{}: {}", path, line_number,
                             std::string(parsed.status().message()));
    }
    expressions.emplace_back(line);
  }
  if (expressions.empty()) {
    return InvalidArgument("{} names no target; write one a line", path);
  }
  return expressions;
}

absl::StatusOr<std::vector<std::string>> ReadTargetFile(
    const std::string& path) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadFileOrStandardInput(path));
  return ParseTargetFile(path == "-" ? "standard input" : path, content);
}

}  // namespace tutti::cli
