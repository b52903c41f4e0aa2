#include "query/host/variables.h"

#include "query/host/text_file.h"

namespace tutti::query {

std::vector<Variable> VariablesOf(std::string_view text) {
  std::vector<Variable> variables;
  for (const std::string_view part : Split(text, '\0')) {
    const size_t equals = part.find('=');
    if (equals == part.npos) continue;
    variables.push_back({part.substr(0, equals), part.substr(equals + 1)});
  }
  return variables;
}

}  // namespace tutti::query
