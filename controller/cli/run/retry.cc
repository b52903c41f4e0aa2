#include "controller/cli/run/retry.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/jobs/states.h"
#include "common/jobs/work_summary.h"
#include "common/signing/delegation.h"
#include "common/signing/envelope.h"
#include "common/targets/node_set.h"
#include "common/targets/target_expression.h"
#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/job_selector.h"
#include "controller/cli/run/options.h"
#include "controller/cli/run/run_plan.h"
#include "controller/cli/run/start.h"
#include "controller/cli/run/targets.h"
#include "controller/cli/state_names.h"
#include "controller/cli/terminal.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {
namespace {

struct RetryOptions {
  std::string job;
  std::vector<std::string> only;
  // Its targets are those of -t, among the job's.
  RunOptions run;
};

using States = std::set<v1::TaskState>;

// UNKNOWN may have run, and may run still: it has to be asked for.
States DefaultStates() {
  return {v1::TASK_STATE_FAILED,      v1::TASK_STATE_TIMED_OUT,
          v1::TASK_STATE_STOPPED,     v1::TASK_STATE_REFUSED,
          v1::TASK_STATE_NOT_STARTED, v1::TASK_STATE_EXPIRED,
          v1::TASK_STATE_SKIPPED};
}

absl::StatusOr<States> ParseOnly(const std::vector<std::string>& values) {
  if (values.empty()) return DefaultStates();
  States states;
  for (const std::string& value : values) {
    for (size_t begin = 0; begin <= value.size();) {
      const size_t end = std::min(value.find(',', begin), value.size());
      TUTTI_ASSIGN_OR_RETURN(const v1::TaskState state,
                             ParseState<v1::TaskState>(
                                 "--only", value.substr(begin, end - begin)));
      if (!IsFinal(state)) {
        return InvalidArgument(
            "--only: what is {} is not over; stop it first, or wait for it",
            StateName(state));
      }
      states.insert(state);
      begin = end + 1;
    }
  }
  return states;
}

absl::StatusOr<v1::GetJobResponse> GetJob(const RetryOptions& options,
                                          const v1::JobSelector& named,
                                          Connection& connection) {
  v1::GetJobRequest request;
  *request.mutable_job() = named;
  for (const std::string& expression : options.run.targets) {
    request.add_targets(expression);
  }
  request.set_envelope(true);
  return connection.Call(&v1::JobService::Stub::GetJob, request);
}

// Those of the selected targets whose tasks are in one of the states. Those
// that --where left out did nothing wrong.
absl::StatusOr<std::vector<std::string>> Chosen(const v1::GetJobResponse& got,
                                                const States& states,
                                                bool unmatched_too) {
  const v1::Job& job = got.job();
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                         ExpandNames(job.targets()));
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> selected,
                         ExpandNames(got.selected()));
  std::vector<std::string> chosen;
  const size_t tasks = std::min<size_t>(names.size(), got.tasks_size());
  for (size_t i = 0; i < tasks; ++i) {
    const v1::AttemptStatus& attempt = got.tasks(static_cast<int>(i)).attempt();
    if (states.contains(attempt.state()) &&
        (unmatched_too || !attempt.outcome().unmatched()) &&
        std::binary_search(selected.begin(), selected.end(), names[i])) {
      chosen.push_back(names[i]);
    }
  }
  if (!chosen.empty()) return chosen;
  return FailedPrecondition(
      "job {} has nothing to try again there; look at `tutti job show {}`, and "
      "name other states with --only",
      job.number(), job.number());
}

// Whether the answer is about the job that was named, as far as its name can
// tell.
bool IsNamed(const v1::Job& job, const v1::JobSelector& named) {
  switch (named.by_case()) {
    case v1::JobSelector::kNumber:
      return job.number() == named.number();
    case v1::JobSelector::kUuidPrefix: {
      const auto uuid = Uuid::FromBytes(job.uuid());
      return uuid.ok() && HexDigits(*uuid).starts_with(named.uuid_prefix());
    }
    case v1::JobSelector::kName:
      return job.name() == named.name();
    default:
      return true;
  }
}

// Whether the job was signed for the targets `names` with these parameters.
bool AreSigned(const std::vector<std::string>& names,
               const ParameterList& parameters, const v1::JobSpec& spec) {
  const absl::StatusOr<MerkleTree> tree = MakeTargetTree(names, parameters);
  return tree.ok() && spec.targets_root() ==
                          std::string(tree->root().begin(), tree->root().end());
}

// What was signed for the job. The controller has it, so it is looked at
// closely: the same job, with the same targets and what they have.
absl::StatusOr<v1::JobSpec> WorkOf(const v1::GetJobResponse& got,
                                   const v1::JobSelector& named) {
  v1::Envelope envelope;
  v1::JobSpec spec;
  const auto names = ExpandNames(got.job().targets());
  if (!envelope.ParseFromString(got.envelope()) ||
      !spec.ParseFromString(envelope.spec()) ||
      spec.job_uuid() != got.job().uuid() || !IsNamed(got.job(), named) ||
      !names.ok() || !AreSigned(*names, got.parameters(), spec)) {
    return WithExitStatus(
        DataLoss("the controller's copy of job {} is not that job; start it "
                 "anew with `tutti run`, and have the controller looked at",
                 got.job().number()),
        kExitUnreachable);
  }
  return spec;
}

// What the controller took out of -t, as far as names can tell.
absl::Status CheckSelected(const std::vector<std::string>& names,
                           const std::vector<std::string>& expressions) {
  if (expressions.empty()) return absl::OkStatus();
  TUTTI_ASSIGN_OR_RETURN(const TargetExpression wanted,
                         TargetExpression::ParseUnited(expressions));
  for (const std::string& name : names) {
    if (wanted.Matches(name) != Match::kNo) continue;
    return WithExitStatus(
        PermissionDenied("the controller's answer is not what was asked for: "
                         "{} was added; nothing was started, have the "
                         "controller looked at",
                         name),
        kExitUnreachable);
  }
  return absl::OkStatus();
}

// What is signed again has to be what this operator wants: their own signature
// under it says so, otherwise they do.
absl::Status Approve(const v1::GetJobResponse& got, const v1::JobSpec& work,
                     const RetryOptions& options, const Connection& connection,
                     const Context& context) {
  if (options.run.yes || options.run.dry_run ||
      IsSignedWith(got.envelope(), connection.credentials().certificates[0])) {
    return absl::OkStatus();
  }
  const v1::Job& job = got.job();
  const std::string what = fmt::format(
      "job {} was not signed with your key ({} started it): {}, as {}",
      job.number(), job.operator_(), WorkSummary(work),
      work.user().empty() ? "the default user" : work.user());
  if (!context.terminal.CanAsk()) {
    return FailedPrecondition("{}; give --yes to sign the same", what);
  }
  if (context.terminal.Confirm(
          fmt::format("{}. Sign the same?", Sanitize(what)))) {
    return absl::OkStatus();
  }
  return absl::CancelledError("nothing was started");
}

absl::StatusOr<int> Retry(const RetryOptions& options, Context& context) {
  TUTTI_ASSIGN_OR_RETURN(const v1::JobSelector named,
                         ParseJobSelector(options.job));
  TUTTI_ASSIGN_OR_RETURN(const States states, ParseOnly(options.only));
  RunOptions run = options.run;
  // Until it is known who they are.
  run.targets = {"all"};
  TUTTI_ASSIGN_OR_RETURN(RunPlan plan, MakePlan(run, v1::JobSpec()));
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_ASSIGN_OR_RETURN(const v1::GetJobResponse got,
                         GetJob(options, named, *connection));
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                         Chosen(got, states, !options.only.empty()));
  TUTTI_RETURN_IF_ERROR(CheckSelected(names, options.run.targets));
  TUTTI_ASSIGN_OR_RETURN(plan.work, WorkOf(got, named));
  if (plan.work.input().has_stream()) {
    return FailedPrecondition(
        "job {} was fed from a standard input that is gone; start it anew with "
        "`tutti run --stdin`",
        got.job().number());
  }
  if (plan.work.has_fetch()) {
    return FailedPrecondition(
        "job {} is a fetch, whose files went to where it was started; fetch "
        "the rest anew with `tutti fetch -t @job:{}:not-completed`",
        got.job().number(), got.job().number());
  }
  if (Delegates(plan.work)) {
    return FailedPrecondition(
        "job {} was started with --delegate, and its key is kept nowhere; "
        "start it anew with `tutti run --local --delegate`",
        got.job().number());
  }
  TUTTI_RETURN_IF_ERROR(RenewSecrets(plan.secrets, plan.work));
  TUTTI_RETURN_IF_ERROR(Approve(got, plan.work, options, *connection, context));
  TUTTI_ASSIGN_OR_RETURN(plan.id, Uuid::FromBytes(got.job().uuid()));
  plan.parameters = ParameterTable::Of(names, got.parameters());
  plan.attempt = static_cast<uint32_t>(got.job().attempts_size()) + 1;
  run.targets = {FoldNames(names)};
  // Who has left the fleet since is named and left out.
  run.skip_unknown = true;
  TUTTI_ASSIGN_OR_RETURN(WantedTargets wanted, ParseTargets(run));
  return StartPlanned(run, plan, std::move(wanted), *connection, context);
}

}  // namespace

void AddJobRetry(CLI::App& job, Context& context) {
  auto options = std::make_shared<RetryOptions>();
  CLI::App& verb =
      AddVerb(job, "retry",
              "Run what did not complete again, as a new attempt; the old one "
              "stays readable",
              context);
  verb.add_option("JOB", options->job, kJobHelp)->required();
  AddRepeatable(verb, "--only", options->only,
                "Tasks in these states: failed,timed-out,...; default: all "
                "that did not complete, but for unknown, which may have run")
      ->type_name("STATES");
  AddRetryOptions(verb, context, options->run);
  SetExamples(
      verb,
      {{"tutti job retry last", "all of it that did not complete"},
       {"tutti job retry 17 --only failed,timed-out -f 5", "five at a time"},
       {"tutti job retry 17 -t 'web[01-03]'", ""},
       {"tutti job retry 17 --secret TOKEN=@token.txt",
        "secrets are kept nowhere: a job that has some needs them again"}});
  SetAction(verb, context, [options](Context& context) {
    return WithStatusFor(options->run, Retry(*options, context));
  });
}

}  // namespace tutti::cli
