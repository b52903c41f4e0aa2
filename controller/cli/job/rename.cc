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

struct RenameOptions {
  std::string job;
  std::string name;
};

absl::StatusOr<int> RenameJob(const RenameOptions& options, Context& context) {
  v1::SetJobRequest request;
  TUTTI_ASSIGN_OR_RETURN(*request.mutable_job(), ParseJobSelector(options.job));
  TUTTI_RETURN_IF_ERROR(CheckJobName(options.name));
  request.set_name(options.name);
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_ASSIGN_OR_RETURN(
      const v1::SetJobResponse response,
      connection->Call(&v1::JobService::Stub::SetJob, request));
  Show(context, fmt::format("job {} is called {} now\n",
                            response.job().number(), response.job().name()));
  return kExitOk;
}

}  // namespace

void AddJobRename(CLI::App& job, Context& context) {
  auto options = std::make_shared<RenameOptions>();
  CLI::App& verb =
      AddVerb(job, "rename", "Give a job a name, or another one", context);
  verb.add_option("JOB", options->job, kJobHelp)->required();
  verb.add_option("NAME", options->name, "Need not be unique")->required();
  SetExamples(verb, {{"tutti job rename last nightly", ""}});
  SetAction(verb, context, [options](Context& context) {
    return RenameJob(*options, context);
  });
}

}  // namespace tutti::cli
