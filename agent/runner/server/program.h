// The runner's own program, to be run anew.
#ifndef AGENT_RUNNER_SERVER_PROGRAM_H_
#define AGENT_RUNNER_SERVER_PROGRAM_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace tutti::runner {

// This program as it was started, also when another file has taken its place
// since: that one is run then.
class Program {
 public:
  // Where this program's file is.
  static std::string OwnPath();

  // `argv` is the program's own. Nothing that runs is looked after while it is
  // being checked, hence the limit.
  explicit Program(char** argv, std::string path = OwnPath(),
                   absl::Duration check_within = absl::Seconds(5))
      : argv_(argv), path_(std::move(path)), check_within_(check_within) {}

  // Takes this process's place. Returns only when it can not be run.
  absl::Status Execute() const;
  // Whether it would start: everything that runs would be lost otherwise.
  absl::Status Check() const;

 private:
  char** const argv_;
  const std::string path_;
  const absl::Duration check_within_;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_SERVER_PROGRAM_H_
