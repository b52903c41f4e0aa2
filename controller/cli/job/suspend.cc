#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "controller/cli/follow/wording.h"
#include "controller/cli/job/job.h"
#include "controller/cli/job/selection.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {
namespace {

std::string Describe(const v1::SuspendJobResponse& response, bool suspend,
                     bool whole) {
  std::string text = fmt::format("job {}: {} {}", response.number(),
                                 Counted(response.count(), "target"),
                                 suspend                 ? "suspended"
                                 : response.count() == 1 ? "goes on"
                                                         : "go on");
  if (response.pending_count() > 0) {
    text += fmt::format(", {} not started {}", response.pending_count(),
                        !whole    ? "and not held back"
                        : suspend ? "and held back"
                                  : "and no longer held back");
  }
  if (suspend) text += fmt::format(" · tutti job resume {}", response.number());
  return text;
}

absl::StatusOr<int> SuspendJobs(const JobSelection& selection, bool suspend,
                                Context& context) {
  return ForEachJob(
      selection, JobsMeant::kUnfinished, context,
      [&](const v1::JobSelector& job,
          Connection& connection) -> absl::StatusOr<std::string> {
        v1::SuspendJobRequest request;
        *request.mutable_job() = job;
        request.set_suspend(suspend);
        for (const std::string& expression : selection.targets) {
          request.add_targets(expression);
        }
        TUTTI_ASSIGN_OR_RETURN(
            const v1::SuspendJobResponse response,
            connection.Call(&v1::JobService::Stub::SuspendJob, request));
        return Describe(response, suspend, selection.targets.empty());
      });
}

void AddSuspendVerb(CLI::App& job, Context& context, bool suspend,
                    const std::string& name, const std::string& description,
                    const std::vector<Example>& examples) {
  auto selection = std::make_shared<JobSelection>();
  CLI::App& verb = AddVerb(job, name, description, context);
  AddJobSelection(verb, *selection);
  AddTaskSelection(verb, *selection);
  SetExamples(verb, examples);
  SetAction(verb, context, [selection, suspend](Context& context) {
    return SuspendJobs(*selection, suspend, context);
  });
}

}  // namespace

void AddJobSuspend(CLI::App& job, Context& context) {
  AddSuspendVerb(job, context, /*suspend=*/true, "suspend",
                 "Stop what runs of a job in place, and start nothing more",
                 {{"tutti job suspend last", "everywhere"},
                  {"tutti job suspend 17 -t web07",
                   "only there; the time limit stands still"}});
}

void AddJobResume(CLI::App& job, Context& context) {
  AddSuspendVerb(job, context, /*suspend=*/false, "resume",
                 "Let a job go on that is suspended",
                 {{"tutti job resume last", ""},
                  {"tutti job resume 17 -t web07", "only there"}});
}

}  // namespace tutti::cli
