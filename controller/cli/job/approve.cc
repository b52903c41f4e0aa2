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

absl::StatusOr<int> ApproveJob(const std::string& text, Context& context) {
  v1::ApproveJobRequest request;
  TUTTI_ASSIGN_OR_RETURN(*request.mutable_job(), ParseJobSelector(text));
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_ASSIGN_OR_RETURN(
      const v1::ApproveJobResponse response,
      connection->Call(&v1::JobService::Stub::ApproveJob, request));
  Show(context, fmt::format("job {} goes on · tutti job wait {}\n",
                            response.number(), response.number()));
  return kExitOk;
}

}  // namespace

void AddJobApprove(CLI::App& job, Context& context) {
  auto text = std::make_shared<std::string>();
  CLI::App& verb = AddVerb(
      job, "approve", "Let a job go on that waits after its canary", context);
  verb.add_option("JOB", *text, kJobHelp)->required();
  SetExamples(verb, {{"tutti job approve last", "the newest job of yours"}});
  SetAction(verb, context,
            [text](Context& context) { return ApproveJob(*text, context); });
}

}  // namespace tutti::cli
