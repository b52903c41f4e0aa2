// What `fetch` says in the end.
#ifndef CONTROLLER_CLI_FETCH_FETCH_REPORT_H_
#define CONTROLLER_CLI_FETCH_FETCH_REPORT_H_

#include <string>
#include <vector>

#include "controller/cli/fetch/common_files.h"
#include "controller/cli/output.h"

namespace tutti::cli {

// "fetched 12 files, 3.4 MiB from 40 targets\n".
std::string FetchedText(uint64_t files, uint64_t bytes, uint64_t targets);

// A line for each path that differs among `names`, the targets by task:
// "etc/hosts: the same on web[1-40]; differs on web7", and what is the same
// wherever it is, folded where it is much. Sanitised.
std::string CommonText(const CommonFiles::Paths& paths,
                       const std::vector<std::string>& names);
// [{"path", "copies": [{"targets", "sha256"}]}]
Json CommonJson(const CommonFiles::Paths& paths,
                const std::vector<std::string>& names);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FETCH_FETCH_REPORT_H_
