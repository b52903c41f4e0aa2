#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/job/job.h"
#include "controller/cli/job/selection.h"
#include "controller/cli/job_selector.h"
#include "controller/cli/moment.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {
namespace {

struct RemoveOptions {
  JobSelection selection;
  std::string until;
  bool force = false;
};

absl::StatusOr<uint64_t> Remove(const v1::JobSelector& job, bool force,
                                Connection& connection) {
  v1::RemoveJobRequest request;
  *request.mutable_job() = job;
  request.set_force(force);
  TUTTI_ASSIGN_OR_RETURN(
      const v1::RemoveJobResponse response,
      connection.Call(&v1::JobService::Stub::RemoveJob, request));
  return response.number();
}

// Jobs that have ended and were started before then.
absl::StatusOr<int> RemoveOlder(const RemoveOptions& options,
                                Context& context) {
  TUTTI_ASSIGN_OR_RETURN(
      const absl::Time until,
      ParseMoment("--until", options.until, context.clock.Now()));
  v1::ListJobsRequest request;
  *request.mutable_until() = ToProto(until);
  for (const v1::JobState state :
       {v1::JOB_STATE_COMPLETED, v1::JOB_STATE_FAILED, v1::JOB_STATE_STOPPED}) {
    request.add_states(state);
  }
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_ASSIGN_OR_RETURN(
      const v1::ListJobsResponse response,
      connection->Call(&v1::JobService::Stub::ListJobs, request));
  uint64_t removed = 0;
  for (const v1::Job& job : response.jobs()) {
    v1::JobSelector selector;
    selector.set_number(job.number());
    const absl::Status status =
        Remove(selector, /*force=*/false, *connection).status();
    if (status.ok()) {
      ++removed;
    } else if (absl::IsFailedPrecondition(status)) {
      // It was tried again meanwhile.
      Warn(context, TextOf(status));
    } else if (!absl::IsNotFound(status)) {
      return status;
    }
  }
  Show(context, fmt::format("removed {}\n", Counted(removed, "job")));
  return kExitOk;
}

absl::StatusOr<int> RemoveJobs(const RemoveOptions& options, Context& context) {
  if (!options.until.empty()) {
    if (!options.selection.job.empty() || options.selection.all_matching ||
        options.force) {
      return InvalidArgument(
          "--until removes all jobs that ended and are older; leave JOB, "
          "--all-matching and --force out");
    }
    return RemoveOlder(options, context);
  }
  if (options.selection.job.empty()) {
    return InvalidArgument(
        "no job was named; give its number, UUID or name, or --until 30d for "
        "all older ones");
  }
  return ForEachJob(options.selection, JobsMeant::kAll, context,
                    [&](const v1::JobSelector& job,
                        Connection& connection) -> absl::StatusOr<std::string> {
                      TUTTI_ASSIGN_OR_RETURN(
                          const uint64_t number,
                          Remove(job, options.force, connection));
                      return fmt::format("removed job {}", number);
                    });
}

}  // namespace

void AddJobRemove(CLI::App& job, Context& context) {
  auto options = std::make_shared<RemoveOptions>();
  CLI::App& verb =
      AddVerb(job, "remove", "Forget jobs that have ended", context);
  verb.alias("rm");
  AddJobSelection(verb, options->selection)->required(false);
  verb.add_option("--until", options->until,
                  "All that have ended and were started before then: 30d for "
                  "so long ago, 2026-11-22")
      ->type_name("TIME");
  verb.add_flag("--force", options->force,
                "Stop it first where it has not ended");
  SetExamples(verb, {{"tutti job remove 17", ""},
                     {"tutti job remove --until 30d", "all older ones"},
                     {"tutti job remove --force last", "stops it first"}});
  SetAction(verb, context, [options](Context& context) {
    return RemoveJobs(*options, context);
  });
}

}  // namespace tutti::cli
