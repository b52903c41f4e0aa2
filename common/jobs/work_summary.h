// What a job runs, for people.
#ifndef COMMON_JOBS_WORK_SUMMARY_H_
#define COMMON_JOBS_WORK_SUMMARY_H_

#include <string>
#include <string_view>

#include "tutti/v1/envelope.pb.h"

namespace tutti {

// "command", "script", "query", of an add-in its own name; empty when the spec
// does not say. Valid as long as the spec.
std::string_view KindName(const v1::JobSpec& spec);

// The argv of a command, or the name of a script and its arguments, quoted so
// that a shell reads the same ones from it, with what is not printable as
// $'\x1b'; the text of a query on one line; of an add-in NAME KEY=VALUE....
// Valid UTF-8. Cut, with an ellipsis, after about 1,000 bytes.
std::string WorkSummary(const v1::JobSpec& spec);

}  // namespace tutti

#endif  // COMMON_JOBS_WORK_SUMMARY_H_
