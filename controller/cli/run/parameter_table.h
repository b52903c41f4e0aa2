// Parameters of each target, as --per-target reads them.
#ifndef CONTROLLER_CLI_RUN_PARAMETER_TABLE_H_
#define CONTROLLER_CLI_RUN_PARAMETER_TABLE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/signing/target_parameters.h"

namespace tutti::cli {

// What each target of a job has for itself.
class ParameterTable {
 public:
  // A line a target, either words as in a shell, `web01 port=8080 role='a b'`,
  // or a JSON object, {"target": "web01", "port": 8080}. The target may be a
  // node set; lines that are empty or begin with '#' are left out.
  // INVALID_ARGUMENT names `path` and the line.
  static absl::StatusOr<ParameterTable> Parse(std::string_view path,
                                              std::string_view content);
  // The same of the file `path`.
  static absl::StatusOr<ParameterTable> Read(const std::string& path);
  // What the targets of a job have: `list`, and nothing for the others.
  static ParameterTable Of(const std::vector<std::string>& targets,
                           const ParameterList& list);

  // Sorted bytewise.
  std::vector<std::string> Targets() const;
  // Those of `names`, which are sorted bytewise. INVALID_ARGUMENT names who is
  // in none of the lines.
  absl::StatusOr<ParameterList> Select(
      const std::vector<std::string>& names) const;

 private:
  struct Line {
    size_t number = 0;
    // TargetParameters, serialised.
    std::string parameters;
  };

  absl::Status AddLine(size_t line_number, std::string_view line);

  // Where they come from, for errors.
  std::string path_;
  std::vector<Line> lines_;
  // Indices into `lines_`.
  absl::flat_hash_map<std::string, size_t> by_target_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_PARAMETER_TABLE_H_
