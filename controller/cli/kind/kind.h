// Verbs of the noun `kind`: kinds of jobs that targets bring along.
#ifndef CONTROLLER_CLI_KIND_KIND_H_
#define CONTROLLER_CLI_KIND_KIND_H_

#include "controller/cli/command.h"

namespace tutti::cli {

void AddKindList(CLI::App& kind, Context& context);
void AddKindShow(CLI::App& kind, Context& context);
void AddKindRun(CLI::App& kind, Context& context);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_KIND_KIND_H_
