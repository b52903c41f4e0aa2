#include "controller/cli/run/run_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/signing/input_signer.h"
#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/follow/follow.h"
#include "controller/cli/follow/outcome.h"
#include "controller/cli/follow/transfer_line.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/input/input_sender.h"
#include "controller/cli/run/card.h"
#include "controller/cli/run/content_upload.h"
#include "controller/cli/run/delegate.h"
#include "controller/cli/run/job_spec.h"
#include "controller/cli/run/same_job.h"
#include "controller/cli/run/start.h"
#include "controller/cli/run/targets.h"
#include "controller/cli/terminal.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {
namespace {

// More targets than this, out of a wildcard or `all`, are asked about.
constexpr size_t kAskFrom = 50;

absl::StatusOr<ResolvedRun> Resolve(const RunOptions& options,
                                    const RunPlan& plan, WantedTargets wanted,
                                    Connection& connection,
                                    const Context& context) {
  v1::ResolveTargetsRequest request;
  request.add_expressions(wanted.text);
  if (!wanted.exclusion_text.empty()) {
    request.add_exclusions(wanted.exclusion_text);
  }
  request.set_skip_unknown(options.skip_unknown);
  request.set_allow_empty(wanted.may_be_empty);
  ResolvedRun run;
  TUTTI_ASSIGN_OR_RETURN(
      run.answer,
      connection.Call(&v1::JobService::Stub::ResolveTargets, request));
  if (!run.answer.unknown().empty()) {
    Warn(context, fmt::format("left out, because nobody has that name: {}",
                              run.answer.unknown()));
  }
  TUTTI_ASSIGN_OR_RETURN(run.names, CheckAnswer(wanted, run.answer));
  if (wanted.portion.has_value()) {
    KeepPortion(*wanted.portion, run.names, run.answer);
  }
  if (plan.parameters.has_value()) {
    TUTTI_ASSIGN_OR_RETURN(run.parameters, plan.parameters->Select(run.names));
  }
  run.wanted = std::move(wanted);
  run.fleet = connection.fleet().fleet;
  run.uuid = plan.id ? *plan.id : Uuid::Generate(context.clock.Now());
  if (connection.delegated() != nullptr) {
    run.signer_ends_at = connection.delegated()->expires_at;
  }
  TUTTI_RETURN_IF_ERROR(ResolveDelegate(plan, connection, run));
  // Input goes to all at once.
  const uint32_t default_fanout =
      plan.input.fed ? 0 : run.answer.default_fanout();
  run.at_once = AtOnceOf(plan.rollout, run.names.size(), default_fanout);
  return run;
}

absl::Status CheckExpected(const RunPlan& plan, const ResolvedRun& run) {
  const size_t count = run.names.size();
  if (!plan.expect ||
      (count >= plan.expect->least && count <= plan.expect->most)) {
    return absl::OkStatus();
  }
  return FailedPrecondition(
      "'{}' is {} now, not as --expect says; nothing was started, look at "
      "`tutti run -n`",
      run.wanted.Description(), Counted(count, "target"));
}

// The job that --id names, where it is there already; number 0 otherwise.
absl::StatusOr<v1::GetJobResponse> FindExisting(const RunPlan& plan,
                                                Connection& connection) {
  if (!plan.id) return v1::GetJobResponse();
  v1::GetJobRequest request;
  request.mutable_job()->set_uuid_prefix(HexDigits(*plan.id));
  request.set_envelope(true);
  auto response = connection.Call(&v1::JobService::Stub::GetJob, request);
  if (absl::IsNotFound(response.status())) return v1::GetJobResponse();
  return response;
}

// Who signs the job's input; null when it has none. Says so in `run`.
absl::StatusOr<std::unique_ptr<InputSender>> MakeInput(const RunPlan& plan,
                                                       ResolvedRun& run,
                                                       const Context& context) {
  if (!plan.input.fed) return nullptr;
  if (plan.input.terminal && run.names.size() != 1) {
    return InvalidArgument(
        "a terminal is for one target, '{}' is {}; choose one, or give "
        "`tutti run --stdin`",
        run.wanted.Description(), Counted(run.names.size(), "target"));
  }
  TUTTI_ASSIGN_OR_RETURN(
      InputSigner signer,
      InputSigner::Create(std::string(run.uuid.bytes()), plan.attempt));
  AddInput(plan.input, signer.public_key(), context.terminal, run.input);
  return std::make_unique<InputSender>(
      std::move(signer),
      InputSender::Options{context.terminal.input_descriptor(),
                           plan.input.terminal});
}

// `input` may be null.
absl::StatusOr<int> Follow(const RunOptions& options, const RunPlan& plan,
                           uint64_t number, bool existed, InputSender* input,
                           Connection& connection, SignalPipe& signals,
                           const Context& context) {
  if (options.detach) {
    Show(context, fmt::format("{}\n", number));
    return kExitOk;
  }
  FollowRequest request = MakeFollowRequest(options, plan, number, existed);
  request.follower.input = input;
  TUTTI_ASSIGN_OR_RETURN(
      const FollowEnd end,
      FollowJob(context, connection, signals, std::move(request)));
  return end.exit_status;
}

absl::StatusOr<int> StartOrFollow(const RunOptions& options,
                                  const absl::StatusOr<RunPlan>& planned,
                                  Context& context) {
  TUTTI_RETURN_IF_ERROR(planned.status());
  const RunPlan& plan = *planned;
  if (plan.input.terminal && !options.dry_run) {
    TUTTI_RETURN_IF_ERROR(CheckTerminals(context));
  }
  TUTTI_ASSIGN_OR_RETURN(WantedTargets wanted,
                         ParseTargets(options, plan.parameters));
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_ASSIGN_OR_RETURN(const v1::GetJobResponse got,
                         FindExisting(plan, *connection));
  const v1::Job& existing = got.job();
  if (existing.number() == 0 || options.dry_run) {
    return StartPlanned(options, plan, std::move(wanted), *connection, context);
  }
  TUTTI_RETURN_IF_ERROR(CheckSameJob(options, plan, wanted, existing));
  TUTTI_RETURN_IF_ERROR(CheckSameParameters(plan, got));
  Warn(context,
       fmt::format("job {} has this UUID already ({} on {}); following it",
                   existing.number(), existing.summary(), existing.targets()));
  TUTTI_RETURN_IF_ERROR(PrepareToShow(context, options.show));
  TUTTI_ASSIGN_OR_RETURN(auto signals, SignalPipe::Make());
  return Follow(options, plan, existing.number(), /*existed=*/true,
                /*input=*/nullptr, *connection, *signals, context);
}

}  // namespace

absl::StatusOr<ResolvedRun> ResolveRun(const RunOptions& options,
                                       const RunPlan& plan,
                                       WantedTargets wanted,
                                       Connection& connection,
                                       const Context& context) {
  TUTTI_ASSIGN_OR_RETURN(
      ResolvedRun run,
      Resolve(options, plan, std::move(wanted), connection, context));
  TUTTI_RETURN_IF_ERROR(CheckExpected(plan, run));
  if (run.names.empty()) return run;
  TUTTI_RETURN_IF_ERROR(CheckQuorum(plan.rollout, run.names.size()));
  return run;
}

void SayNobody(const ResolvedRun& run, const Context& context) {
  Warn(context, fmt::format("'{}' is nobody now; nothing was started",
                            run.wanted.Description()));
}

absl::Status Confirm(const RunOptions& options, const ResolvedRun& run,
                     const Context& context) {
  const bool many =
      run.names.size() > kAskFrom && run.wanted.expression.HasWildcard();
  const bool delegates_many = run.delegated_count > kAskFrom;
  if (options.yes || !(many || delegates_many) || !context.terminal.CanAsk()) {
    return absl::OkStatus();
  }
  const std::string question =
      many ? fmt::format("start it on {} targets?", run.names.size())
           : fmt::format("start it with power over {} targets?",
                         run.delegated_count);
  if (context.terminal.Confirm(question)) return absl::OkStatus();
  return absl::CancelledError("nothing was started");
}

absl::StatusOr<int> ShowCard(const RunOptions& options, const RunPlan& plan,
                             const ResolvedRun& run, const Context& context) {
  const absl::Time now = context.clock.Now();
  // So that what is wrong with the job shows now.
  TUTTI_RETURN_IF_ERROR(MakeSpec(options, plan, run, now).status());
  if (IsJson(context.output)) {
    Show(context, ToLine(CardJson(options, plan, run, now)) + "\n");
  } else {
    Show(context,
         FullCard(options, plan, run, now, context.terminal.OutputHasColor()));
  }
  return kExitOk;
}

void SayCardLine(const RunOptions& options, const RunPlan& plan,
                 const ResolvedRun& run, const Context& context) {
  if (options.quiet) return;
  const Terminal& terminal = context.terminal;
  std::string line = CardLine(plan, run, context.clock.Now());
  if (terminal.ErrorIsTerminal()) line = Shorten(line, terminal.Width());
  terminal.WriteError(line + "\n");
}

FollowRequest MakeFollowRequest(const RunOptions& options, const RunPlan& plan,
                                uint64_t number, bool existed) {
  FollowRequest request;
  request.follower.job.set_number(number);
  request.follower.on_interrupt = plan.on_interrupt;
  request.follower.wait = options.wait;
  request.follower.quiet = options.quiet;
  request.follower.just_started = !existed;
  request.show = options.show;
  request.follower.needs_reader = plan.work.has_fetch();
  request.follower.terminal = request.show.terminal = plan.input.terminal;
  request.outcome.min_success = plan.min_success;
  request.outcome.largest_status = options.largest_status;
  request.outcome.offline_ok = plan.offline == v1::OFFLINE_POLICY_OK;
  if (plan.attempt > 1) {
    request.follower.attempt = plan.attempt;
  } else if (!existed) {
    request.job_name = "last";
  }
  return request;
}

absl::StatusOr<int> StartPlanned(const RunOptions& options, const RunPlan& plan,
                                 WantedTargets wanted, Connection& connection,
                                 Context& context) {
  TUTTI_ASSIGN_OR_RETURN(
      ResolvedRun run,
      ResolveRun(options, plan, std::move(wanted), connection, context));
  if (run.names.empty()) {
    SayNobody(run, context);
    return kExitOk;
  }
  TUTTI_ASSIGN_OR_RETURN(const auto input, MakeInput(plan, run, context));
  if (options.dry_run) return ShowCard(options, plan, run, context);
  TUTTI_RETURN_IF_ERROR(PrepareToShow(context, options.show));
  SayCardLine(options, plan, run, context);
  TUTTI_RETURN_IF_ERROR(Confirm(options, run, context));
  const absl::Time now = context.clock.Now();
  TUTTI_ASSIGN_OR_RETURN(const RunPlan started,
                         Delegate(plan, run, connection, now));
  TUTTI_ASSIGN_OR_RETURN(
      const v1::StartJobRequest request,
      MakeStartRequest(options, started, run, connection.signer(), now));
  if (plan.content != nullptr) {
    TransferLine line(context.terminal, "uploading", !options.quiet);
    TUTTI_RETURN_IF_ERROR(UploadContent(
        connection, *plan.content,
        [&](uint64_t sent, uint64_t total) { line.Show(sent, total); }));
  }
  TUTTI_ASSIGN_OR_RETURN(auto signals, SignalPipe::Make());
  TUTTI_ASSIGN_OR_RETURN(const uint64_t number,
                         StartJob(connection, request, run.uuid, *signals));
  return Follow(options, plan, number, /*existed=*/false, input.get(),
                connection, *signals, context);
}

absl::StatusOr<int> WithStatusFor(const RunOptions& options,
                                  absl::StatusOr<int> status) {
  if (status.ok()) return status;
  return WithExitStatus(
      status.status(),
      WithLargestStatus(ExitStatusOf(status.status()), options.largest_status));
}

absl::StatusOr<int> RunPlanned(const RunOptions& options,
                               const absl::StatusOr<RunPlan>& plan,
                               Context& context) {
  return WithStatusFor(options, StartOrFollow(options, plan, context));
}

}  // namespace tutti::cli
