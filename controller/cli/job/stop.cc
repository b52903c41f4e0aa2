#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/jobs/states.h"
#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/job/description.h"
#include "controller/cli/job/job.h"
#include "controller/cli/job_selector.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {
namespace {

bool HasEnded(v1::JobState state) {
  return state == v1::JOB_STATE_COMPLETED || state == v1::JOB_STATE_FAILED ||
         state == v1::JOB_STATE_STOPPED;
}

absl::StatusOr<int> StopJob(const std::string& text, Context& context) {
  v1::StopJobRequest request;
  TUTTI_ASSIGN_OR_RETURN(*request.mutable_job(), ParseJobSelector(text));
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_ASSIGN_OR_RETURN(
      const v1::StopJobResponse response,
      connection->Call(&v1::JobService::Stub::StopJob, request));
  const v1::Job& job = response.job();
  if (HasEnded(job.state())) {
    Show(context,
         fmt::format("job {} has ended: {} ({})\n", job.number(),
                     StateName(job.state()), CountsText(job.counts())));
  } else {
    Show(context,
         fmt::format("stopping job {}: {} · tutti job wait {}\n", job.number(),
                     CountsText(job.counts()), job.number()));
  }
  return kExitOk;
}

}  // namespace

void AddJobStop(CLI::App& job, Context& context) {
  auto text = std::make_shared<std::string>();
  CLI::App& verb = AddVerb(
      job, "stop", "End a job: what runs gets TERM, grace, KILL", context);
  verb.add_option("JOB", *text, kJobHelp)->required();
  SetExamples(verb, {{"tutti job stop last", "the newest job of yours"},
                     {"tutti job stop nightly", "the newest of that name"}});
  SetAction(verb, context,
            [text](Context& context) { return StopJob(*text, context); });
}

}  // namespace tutti::cli
