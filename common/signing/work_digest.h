// Whether two jobs do the same.
#ifndef COMMON_SIGNING_WORK_DIGEST_H_
#define COMMON_SIGNING_WORK_DIGEST_H_

#include <string>

#include "tutti/v1/envelope.pb.h"

namespace tutti {

// SHA-256, 32 bytes, of what `spec` does, as whom and under which limits:
// the serialised spec without fleet, identity, times, targets and what its
// secrets are. Equal for
// equal work as long as both sides know the same fields.
std::string WorkDigest(v1::JobSpec spec);

}  // namespace tutti

#endif  // COMMON_SIGNING_WORK_DIGEST_H_
