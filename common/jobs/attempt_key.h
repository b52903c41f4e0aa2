// Attempts as keys of maps.
#ifndef COMMON_JOBS_ATTEMPT_KEY_H_
#define COMMON_JOBS_ATTEMPT_KEY_H_

#include <string>
#include <string_view>

#include "tutti/v1/task.pb.h"

namespace tutti {

// Bytes that name an attempt: equal for equal keys alone, whose job_uuid has
// its 16 bytes. Good in this process only.
std::string KeyBytes(const v1::AttemptKey& key);
// The key that gave `bytes`.
v1::AttemptKey KeyFromBytes(std::string_view bytes);

}  // namespace tutti

#endif  // COMMON_JOBS_ATTEMPT_KEY_H_
