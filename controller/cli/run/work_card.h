// The part of the card that says what runs, as whom and under which limits.
#ifndef CONTROLLER_CLI_RUN_WORK_CARD_H_
#define CONTROLLER_CLI_RUN_WORK_CARD_H_

#include <string>
#include <vector>

#include "controller/cli/output.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti::cli {

// "default user", "user www:adm, login".
std::string UserText(const v1::JobSpec& work);

std::vector<std::string> SecretNames(const v1::JobSpec& work);

// The lines of limits and priorities.
void AddLimitLines(const v1::JobSpec& work, Card& card);
// The lines of folder, environment and program.
void AddProgramLines(const v1::JobSpec& work, Card& card);

// Adds the same for programs.
void AddWork(const v1::JobSpec& work, Json& json);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_WORK_CARD_H_
