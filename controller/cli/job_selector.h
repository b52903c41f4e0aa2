// How --help speaks of naming a job.
#ifndef CONTROLLER_CLI_JOB_SELECTOR_H_
#define CONTROLLER_CLI_JOB_SELECTOR_H_

#include "common/jobs/job_selector.h"

namespace tutti::cli {

// Text for JOB in every verb's --help.
inline constexpr char kJobHelp[] =
    "Number, UUID or its beginning, last, last:NAME, or a name (its newest)";

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_JOB_SELECTOR_H_
