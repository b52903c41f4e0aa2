// The agent's folder as enrolment fills it.
#ifndef AGENT_ENROLL_TARGET_FOLDER_H_
#define AGENT_ENROLL_TARGET_FOLDER_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "agent/enroll/enroll.h"
#include "common/identity/identity_directory.h"
#include "common/identity/join_token.h"

namespace tutti::agent {

// OK when `options.directory` is free for enrolment and can be written.
// FAILED_PRECONDITION when it is enrolled already; the text tells whether that
// is as wanted and good for longer than `now`, or what to do.
absl::Status CheckFree(const EnrollOptions& options, absl::Time now);

// Writes everything that Enroll promises.
absl::Status FillFolder(const EnrollOptions& options, const JoinToken& token,
                        const Credentials& credentials);

}  // namespace tutti::agent

#endif  // AGENT_ENROLL_TARGET_FOLDER_H_
