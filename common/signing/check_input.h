// The rules of a job spec about input; part of CheckSpec.
#ifndef COMMON_SIGNING_CHECK_INPUT_H_
#define COMMON_SIGNING_CHECK_INPUT_H_

#include "absl/status/status.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti {

// What may reach the process as input, and its terminal. An error begins with
// the field's name.
absl::Status CheckInput(const v1::JobSpec& spec);

}  // namespace tutti

#endif  // COMMON_SIGNING_CHECK_INPUT_H_
