// What this version does not know in what was signed.
#ifndef COMMON_SIGNING_UNKNOWN_FIELDS_H_
#define COMMON_SIGNING_UNKNOWN_FIELDS_H_

#include <google/protobuf/message.h>

#include "absl/status/status.h"

namespace tutti {

// INVALID_ARGUMENT when a field of it, at any depth, is unknown. A field of a
// later version may restrict what is to happen: who does not know it must not
// start the job.
absl::Status CheckNoUnknownFields(const google::protobuf::Message& message);

}  // namespace tutti

#endif  // COMMON_SIGNING_UNKNOWN_FIELDS_H_
