// Parameters of targets, as the environment has them there.
#ifndef CONTROLLER_CLI_RUN_PARAMETER_TEXT_H_
#define CONTROLLER_CLI_RUN_PARAMETER_TEXT_H_

#include <string>

#include "common/signing/target_parameters.h"
#include "controller/cli/output.h"

namespace tutti::cli {

// "TUTTI_PARAM_PORT=8080" a line.
std::string ParameterText(const v1::TargetParameters& parameters);

// An object of such variables for each target.
Json ParametersToJson(const ParameterList& list);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_PARAMETER_TEXT_H_
