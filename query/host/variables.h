// Environments of processes, as /proc/PID/environ has them (proc(5)).
#ifndef QUERY_HOST_VARIABLES_H_
#define QUERY_HOST_VARIABLES_H_

#include <string_view>
#include <vector>

namespace tutti::query {

struct Variable {
  std::string_view key;
  std::string_view value;
};

// Views of `text`. What has no '=' is no variable: a process may write anything
// there.
std::vector<Variable> VariablesOf(std::string_view text);

}  // namespace tutti::query

#endif  // QUERY_HOST_VARIABLES_H_
