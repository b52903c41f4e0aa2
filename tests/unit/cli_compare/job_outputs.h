// Outputs of jobs for tests.
#ifndef TESTS_UNIT_CLI_COMPARE_JOB_OUTPUTS_H_
#define TESTS_UNIT_CLI_COMPARE_JOB_OUTPUTS_H_

#include <memory>
#include <string>

#include "controller/cli/compare/job_output.h"

namespace tutti::cli {

// A target that has run and said this.
inline TargetOutput Said(const std::string& name, const std::string& output,
                         const std::string& error = "") {
  TargetOutput target;
  target.name = name;
  target.status.mutable_attempt()->set_state(v1::TASK_STATE_COMPLETED);
  if (!output.empty()) {
    target.chunks[0].push_back(std::make_shared<const std::string>(output));
  }
  if (!error.empty()) {
    target.chunks[1].push_back(std::make_shared<const std::string>(error));
  }
  return target;
}

inline TargetOutput Expired(const std::string& name) {
  TargetOutput target;
  target.name = name;
  target.status.mutable_attempt()->set_state(v1::TASK_STATE_EXPIRED);
  return target;
}

inline JobOutput JobThatSaid(uint64_t number,
                             std::vector<TargetOutput> targets) {
  JobOutput output;
  output.job.set_number(number);
  output.targets = std::move(targets);
  return output;
}

}  // namespace tutti::cli

#endif  // TESTS_UNIT_CLI_COMPARE_JOB_OUTPUTS_H_
