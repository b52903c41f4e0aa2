// An argv for people.
#ifndef CONTROLLER_JOBS_COMMAND_SUMMARY_H_
#define CONTROLLER_JOBS_COMMAND_SUMMARY_H_

#include <string>

#include "tutti/v1/envelope.pb.h"

namespace tutti::controller {

// The arguments, quoted so that a shell reads the same ones from it, with
// what is not printable as $'\x1b'. Valid UTF-8. Cut, with an ellipsis, after
// about 1,000 bytes.
std::string CommandSummary(const v1::Command& command);

}  // namespace tutti::controller

#endif  // CONTROLLER_JOBS_COMMAND_SUMMARY_H_
