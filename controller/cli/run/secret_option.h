// Secrets of a job, as --secret names them.
#ifndef CONTROLLER_CLI_RUN_SECRET_OPTION_H_
#define CONTROLLER_CLI_RUN_SECRET_OPTION_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/signing/secrets.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti::cli {

// Each NAME=@FILE, NAME=@- for standard input, or NAME for the variable of this
// program's own environment; sorted by name. INVALID_ARGUMENT names the option
// and the remedy, never a value.
absl::StatusOr<SecretList> ReadSecrets(const std::vector<std::string>& options);

// Whether one of them, or another NAME=@FILE, reads standard input.
bool IsStandardInput(std::string_view option);

// Puts what `secrets` come to into a spec that is signed again, in place of
// what it says of the same names. INVALID_ARGUMENT names those that are missing
// or that the job does not have.
absl::Status RenewSecrets(const SecretList& secrets, v1::JobSpec& work);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_SECRET_OPTION_H_
