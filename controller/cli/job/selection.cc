#include "controller/cli/job/selection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/jobs/states.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/job_selector.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {
namespace {

bool HasWildcard(std::string_view text) {
  return text.find_first_of("*?") != std::string_view::npos;
}

// The numbers of all jobs whose names fit, newest first.
absl::StatusOr<std::vector<uint64_t>> Matching(const std::string& name,
                                               JobsMeant meant,
                                               Connection& connection) {
  v1::ListJobsRequest request;
  request.set_name(name);
  for (int i = v1::JobState_MIN + 1;
       meant == JobsMeant::kUnfinished && i <= v1::JobState_MAX; ++i) {
    const auto state = static_cast<v1::JobState>(i);
    if (v1::JobState_IsValid(i) && !IsFinal(state)) request.add_states(state);
  }
  TUTTI_ASSIGN_OR_RETURN(
      const v1::ListJobsResponse response,
      connection.Call(&v1::JobService::Stub::ListJobs, request));
  std::vector<uint64_t> numbers;
  for (const v1::Job& job : response.jobs()) numbers.push_back(job.number());
  return numbers;
}

absl::StatusOr<std::vector<v1::JobSelector>> SelectJobs(
    const JobSelection& selection, JobsMeant meant, Connection& connection) {
  TUTTI_ASSIGN_OR_RETURN(v1::JobSelector one, ParseJobSelector(selection.job));
  const bool wild = HasWildcard(selection.job);
  if (selection.all_matching && !one.has_name()) {
    return InvalidArgument(
        "--all-matching goes with a name, '{}' is one job; leave it out",
        selection.job);
  }
  if (!wild && !selection.all_matching) {
    return std::vector<v1::JobSelector>{std::move(one)};
  }
  TUTTI_ASSIGN_OR_RETURN(const std::vector<uint64_t> numbers,
                         Matching(selection.job, meant, connection));
  if (numbers.empty()) {
    return InvalidArgument("no{} job's name matches '{}'; see `tutti job list`",
                           meant == JobsMeant::kUnfinished ? " running" : "",
                           selection.job);
  }
  if (numbers.size() > 1 && !selection.all_matching) {
    return InvalidArgument(
        "'{}' matches {} jobs (the newest is {}); give --all-matching for all "
        "of them",
        selection.job, numbers.size(), numbers.front());
  }
  std::vector<v1::JobSelector> selectors;
  for (const uint64_t number : numbers) {
    selectors.emplace_back().set_number(number);
  }
  return selectors;
}

}  // namespace

CLI::Option* AddJobSelection(CLI::App& verb, JobSelection& selection) {
  verb.add_flag("--all-matching", selection.all_matching,
                "All jobs of that name, which may have the wildcards * and ?");
  return verb.add_option("JOB", selection.job, kJobHelp)->required();
}

void AddTaskSelection(CLI::App& verb, JobSelection& selection) {
  AddRepeatable(verb, "-t,--target,--targets", selection.targets,
                "Only these of the job's targets; several are united")
      ->type_name("EXPR");
}

absl::StatusOr<int> ForEachJob(const JobSelection& selection, JobsMeant meant,
                               Context& context,
                               const std::function<absl::StatusOr<std::string>(
                                   const v1::JobSelector&, Connection&)>& act) {
  // A bad selector is refused before anybody is asked.
  TUTTI_RETURN_IF_ERROR(ParseJobSelector(selection.job).status());
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_ASSIGN_OR_RETURN(const std::vector<v1::JobSelector> jobs,
                         SelectJobs(selection, meant, *connection));
  int exit_status = kExitOk;
  for (const v1::JobSelector& job : jobs) {
    const absl::StatusOr<std::string> line = act(job, *connection);
    if (line.ok()) {
      Show(context, *line + "\n");
    } else if (jobs.size() == 1) {
      return line.status();
    } else {
      Warn(context, TextOf(line.status()));
      if (exit_status == kExitOk) exit_status = ExitStatusOf(line.status());
    }
  }
  return exit_status;
}

}  // namespace tutti::cli
