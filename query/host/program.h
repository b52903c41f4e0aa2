// Programs of a host that are asked where it has no interface to read.
#ifndef QUERY_HOST_PROGRAM_H_
#define QUERY_HOST_PROGRAM_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tutti::query {

struct Program {
  // Absolute; the first one that is there runs.
  std::vector<std::string> paths;
  std::vector<std::string> arguments;
  absl::Duration time_limit = absl::Seconds(20);
  // Bytes of its output.
  size_t output_limit = 64 << 20;
};

// Its output. No shell is between, its input is empty, its messages are in
// English and nothing of this process's environment is its own. NOT_FOUND: none
// of the paths is there. DEADLINE_EXCEEDED and RESOURCE_EXHAUSTED: it was ended
// at a limit. FAILED_PRECONDITION: it failed; the text has the last line that
// it wrote to its standard error.
absl::StatusOr<std::string> RunProgram(const Program& program);

}  // namespace tutti::query

#endif  // QUERY_HOST_PROGRAM_H_
