// The rules of a job spec about the process that it starts; part of CheckSpec.
#ifndef COMMON_SIGNING_CHECK_PROCESS_H_
#define COMMON_SIGNING_CHECK_PROCESS_H_

#include "absl/status/status.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti {

// What is to run: a command or a script.
absl::Status CheckKind(const v1::JobSpec& spec);

// Mask, priorities and limits: whether each is in its range. An error begins
// with the field's name.
absl::Status CheckProcessSettings(const v1::JobSpec& spec);

}  // namespace tutti

#endif  // COMMON_SIGNING_CHECK_PROCESS_H_
