// Who may call what.
#ifndef CONTROLLER_AUTHORIZATION_ACCESS_H_
#define CONTROLLER_AUTHORIZATION_ACCESS_H_

#include <string_view>

#include "absl/status/status.h"
#include "common/identity/identity.h"

namespace tutti::controller {

// Whether `caller`, whose certificate was verified, may call the method at
// `path` ("/tutti.v1.JobService/StartJob") of the controller of `fleet`. What
// is in no rule may be called by nobody. PERMISSION_DENIED names who came and
// what is needed.
absl::Status CheckAccess(std::string_view fleet, std::string_view path,
                         const Identity& caller);

}  // namespace tutti::controller

#endif  // CONTROLLER_AUTHORIZATION_ACCESS_H_
