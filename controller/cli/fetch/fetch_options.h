// What `fetch` was asked for.
#ifndef CONTROLLER_CLI_FETCH_FETCH_OPTIONS_H_
#define CONTROLLER_CLI_FETCH_FETCH_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/cli/run/options.h"

namespace tutti::cli {

struct FetchOptions {
  // Paths on the targets, and behind them the folder here.
  std::vector<std::string> words;
  bool gather = false;
  bool follow_links = false;
  bool preserve_owner = false;
  std::string rate;
  RunOptions run;

  const std::string& folder() const { return words.back(); }
};

// The job. INVALID_ARGUMENT names the option or path and the remedy.
absl::StatusOr<RunPlan> MakeFetchPlan(FetchOptions& options, bool is_root);

// Makes the folder, unless nothing is to be started. An error when nothing can
// be written to it.
absl::Status PrepareFetchFolder(const std::string& path, bool dry_run);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FETCH_FETCH_OPTIONS_H_
