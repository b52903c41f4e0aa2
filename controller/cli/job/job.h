// Verbs of the noun `job`, but for `receive`.
#ifndef CONTROLLER_CLI_JOB_JOB_H_
#define CONTROLLER_CLI_JOB_JOB_H_

#include "controller/cli/command.h"

namespace tutti::cli {

void AddJobList(CLI::App& job, Context& context);
void AddJobShow(CLI::App& job, Context& context);
void AddJobWait(CLI::App& job, Context& context);
void AddJobDiff(CLI::App& job, Context& context);
void AddJobApprove(CLI::App& job, Context& context);
void AddJobStop(CLI::App& job, Context& context);
void AddJobSuspend(CLI::App& job, Context& context);
void AddJobResume(CLI::App& job, Context& context);
void AddJobSet(CLI::App& job, Context& context);
void AddJobRename(CLI::App& job, Context& context);
void AddJobRemove(CLI::App& job, Context& context);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_JOB_JOB_H_
