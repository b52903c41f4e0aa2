#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/job/job.h"
#include "controller/cli/job_selector.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {
namespace {

struct RemoveOptions {
  std::string job;
  bool force = false;
};

absl::StatusOr<int> RemoveJob(const RemoveOptions& options, Context& context) {
  v1::RemoveJobRequest request;
  TUTTI_ASSIGN_OR_RETURN(*request.mutable_job(), ParseJobSelector(options.job));
  request.set_force(options.force);
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_ASSIGN_OR_RETURN(
      const v1::RemoveJobResponse response,
      connection->Call(&v1::JobService::Stub::RemoveJob, request));
  Show(context, fmt::format("removed job {}\n", response.number()));
  return kExitOk;
}

}  // namespace

void AddJobRemove(CLI::App& job, Context& context) {
  auto options = std::make_shared<RemoveOptions>();
  CLI::App& verb =
      AddVerb(job, "remove", "Forget a job that has ended", context);
  verb.alias("rm");
  verb.add_option("JOB", options->job, kJobHelp)->required();
  verb.add_flag("--force", options->force,
                "Stop it first where it has not ended");
  SetExamples(verb, {{"tutti job remove 17", ""},
                     {"tutti job remove --force last", "stops it first"}});
  SetAction(verb, context, [options](Context& context) {
    return RemoveJob(*options, context);
  });
}

}  // namespace tutti::cli
