// Verbs of the noun `token`.
#ifndef CONTROLLER_CLI_TOKEN_TOKEN_H_
#define CONTROLLER_CLI_TOKEN_TOKEN_H_

#include "controller/cli/command.h"

namespace tutti::cli {

void AddTokenCreate(CLI::App& token, Context& context);
void AddTokenList(CLI::App& token, Context& context);
void AddTokenRevoke(CLI::App& token, Context& context);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_TOKEN_TOKEN_H_
