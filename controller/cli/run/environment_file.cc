#include "controller/cli/run/environment_file.h"

#include <utility>

#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/signing/envelope.h"
#include "common/text/lines.h"

namespace tutti::cli {
namespace {

absl::StatusOr<NamedValue> ParseVariable(std::string_view line) {
  if (line.find('\0') != line.npos) {
    return InvalidArgument("there is a NUL byte; leave it out");
  }
  TUTTI_ASSIGN_OR_RETURN(NamedValue variable, ParseNamedValue(line));
  TUTTI_RETURN_IF_ERROR(CheckVariableName(variable.name));
  return variable;
}

}  // namespace

absl::StatusOr<std::vector<NamedValue>> ParseEnvironmentFile(
    std::string_view path, std::string_view content) {
  std::vector<NamedValue> variables;
  for (int line_number = 1; !content.empty(); ++line_number) {
    std::string_view line = TakeLine(content);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::string_view trimmed = Trimmed(line);
    if (trimmed.empty() || trimmed[0] == '#') continue;
    absl::StatusOr<NamedValue> variable = ParseVariable(line);
    if (!variable.ok()) {
      return WithPrefix(fmt::format("{}:{}", path, line_number),
                        variable.status());
    }
    variables.push_back(*std::move(variable));
  }
  return variables;
}

absl::StatusOr<std::vector<NamedValue>> ReadEnvironmentFile(
    const std::string& path) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadFileOrStandardInput(path));
  return ParseEnvironmentFile(path == "-" ? "standard input" : path, content);
}

}  // namespace tutti::cli
