#include "controller/cli/run/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/targets/local_target.h"
#include "common/text/shell_quote.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/job_selector.h"
#include "controller/cli/run/query_check.h"
#include "controller/cli/run/share.h"

namespace tutti::cli {
namespace {

absl::StatusOr<std::vector<std::string>> ArgumentsOf(
    const CommandOptions& options,
    const std::optional<std::vector<std::string>>& tail) {
  if (options.has_text && tail) {
    return InvalidArgument(
        "-c gives the whole command; leave out what follows `--`, or -c");
  }
  if (!options.interpreter.empty() && !options.has_text) {
    return InvalidArgument(
        "--interpreter is for the text of -c; give one, or leave it out");
  }
  if (options.has_text) {
    if (options.text.empty()) {
      return InvalidArgument("-c: the command is empty; write one");
    }
    return std::vector<std::string>{
        options.interpreter.empty() ? "/bin/sh" : options.interpreter, "-c",
        options.text};
  }
  if (!tail || tail->empty() || tail->front().empty()) {
    return InvalidArgument(
        "no program given; write `-- PROGRAM [ARG...]` at the end, or -c TEXT "
        "for a shell");
  }
  const std::string& program = tail->front();
  if (program.find_first_of(" \t\n") != program.npos) {
    return InvalidArgument(
        "there is no program with spaces in its name: {}; did you mean -c {}? "
        "(a path with a space in it: `-- env PATH`)",
        program, ShellQuote(program));
  }
  return *tail;
}

absl::StatusOr<v1::OfflinePolicy> ParseOffline(const RunOptions& options) {
  if (options.expire && options.offline != "wait") {
    return InvalidArgument(
        "--expire says how long to wait for offline targets; add --offline "
        "wait");
  }
  if (options.offline == "ok" && options.rollout.count_offline) {
    return InvalidArgument(
        "--offline ok says that offline targets do not count, --count-offline "
        "that they do; leave one out");
  }
  if (options.offline == "fail") return v1::OFFLINE_POLICY_FAIL;
  if (options.offline == "ok") return v1::OFFLINE_POLICY_OK;
  if (options.offline == "wait") return v1::OFFLINE_POLICY_WAIT;
  return InvalidArgument("--offline: '{}' is none of fail, ok and wait",
                         options.offline);
}

// RFC 9562: version 7, variant 10.
absl::StatusOr<Uuid> ParseId(const std::string& text) {
  const absl::StatusOr<Uuid> id = Uuid::Parse(text);
  if (!id.ok()) return WithPrefix("--id", id.status());
  const std::string_view bytes = id->bytes();
  if ((bytes[6] & 0xf0) != 0x70 || (bytes[8] & 0xc0) != 0x80) {
    return InvalidArgument(
        "--id: {} is not of version 7; this makes one: sed s/./7/15 "
        "/proc/sys/kernel/random/uuid",
        text);
  }
  return *id;
}

// All targets read one stream at once.
absl::Status CheckFed(const RunOptions& options) {
  const std::string_view input = options.input.terminal ? "--tty" : "--stdin";
  if (options.detach) {
    return InvalidArgument("{} feeds the job from here; leave -d out", input);
  }
  if (!options.id.empty()) {
    return InvalidArgument(
        "{}: a job that is there already can not be fed anew; leave --id out",
        input);
  }
  const ShowOptions& show = options.show;
  if (options.input.terminal && (show.gather || !show.directory.empty())) {
    return InvalidArgument(
        "--tty shows the other terminal as it is; leave -b and --output-dir "
        "out");
  }
  const RolloutOptions& rollout = options.rollout;
  if (!rollout.fanout.empty() || !rollout.batch.empty() ||
      !rollout.canary.empty() || !rollout.start_rate.empty() || rollout.splay ||
      !rollout.max_failures.empty() || !rollout.max_per_label.empty() ||
      options.offline == "wait") {
    return InvalidArgument(
        "{} goes to all targets at once; leave out -f, --batch, --canary, "
        "--start-rate, --splay, --max-failures, --max-per-label and --offline "
        "wait",
        input);
  }
  return absl::OkStatus();
}

// --local leaves nothing to choose.
absl::Status CheckLocal(const RunOptions& options) {
  const bool chooses = !options.targets.empty() ||
                       !options.target_files.empty() ||
                       !options.exclusions.empty() || options.skip_unknown ||
                       !options.per_target.empty() || !options.pick.empty() ||
                       !options.first.empty() || options.if_empty != "fail" ||
                       !options.rollout.max_per_label.empty();
  if (!options.local || !chooses) return absl::OkStatus();
  return InvalidArgument(
      "--local is one target, the controller's own host; leave it out, or -t, "
      "-T, -x, --skip-unknown, --per-target, --pick, --first, --if-empty and "
      "--max-per-label");
}

// Its key is made for one job, on the controller's own host.
absl::Status CheckDelegateUse(const RunOptions& options) {
  if (options.delegate.targets.empty()) return absl::OkStatus();
  const bool is_local = options.local || (options.targets.size() == 1 &&
                                          options.targets[0] == kLocalTarget);
  if (!is_local) {
    return InvalidArgument(
        "--delegate is for jobs on the controller's own host; give --local, or "
        "leave it out");
  }
  if (options.id.empty()) return absl::OkStatus();
  return InvalidArgument(
      "--delegate makes a key for a new job, and --id may mean one that is "
      "there already; leave one of them out");
}

absl::Status CheckConflicts(const RunOptions& options) {
  if (options.largest_status && !options.min_success.empty()) {
    return InvalidArgument(
        "-S and --min-success each decide the exit status; leave one out");
  }
  const ShowOptions& show = options.show;
  if (options.detach && (options.wait || show.gather || show.no_prefix ||
                         show.raw || !show.directory.empty())) {
    return InvalidArgument(
        "-d leaves at once; leave out --wait, -b, -N, --raw and --output-dir, "
        "or -d");
  }
  if (options.deadline == absl::ZeroDuration()) {
    return InvalidArgument(
        "--deadline: 0 leaves no time to run; give more, or leave it out");
  }
  if (StandardInputsRead(options) > 1) {
    return InvalidArgument(
        "-T, --env-file, --secret and --stdin: standard input, -, can be read "
        "once; give files");
  }
  TUTTI_RETURN_IF_ERROR(CheckLocal(options));
  if (!options.local && options.targets.empty() &&
      options.target_files.empty() && options.per_target.empty()) {
    return InvalidArgument(
        "no targets given; name them with -t, as in -t 'web[01-20]' or -t all, "
        "or give --local for the controller's own host");
  }
  return absl::OkStatus();
}

void AddTargetOptions(CLI::App& verb, RunOptions& options) {
  AddRepeatable(
      verb, "-t,--target", options.targets,
      "Targets: names, web[01-20,25], 'web*', all, @group; several are "
      "united")
      ->type_name("EXPR");
  AddRepeatable(verb, "-T,--targets-from", options.target_files,
                "File with one name or expression a line, - for standard "
                "input; repeatable")
      ->type_name("FILE");
  AddRepeatable(verb, "-x,--exclude", options.exclusions,
                "Not these; repeatable")
      ->type_name("EXPR");
  verb.add_flag("--local", options.local,
                "The controller's own host instead of agents, as -t local; see "
                "docs/local.md");
  verb.add_flag("--skip-unknown", options.skip_unknown,
                "Leave out, and name, what nobody has");
  verb.add_option("--per-target", options.per_target,
                  "File with a line a target, as in web01 port=8080: it has "
                  "TUTTI_PARAM_PORT in its environment; without -t and -T "
                  "these are the targets")
      ->type_name("FILE");
  verb.add_option("--pick", options.pick, "So many of them, at random")
      ->type_name("N");
  verb.add_option("--first", options.first,
                  "The first so many of them, by name")
      ->type_name("N");
  verb.add_option("--if-empty", options.if_empty,
                  "When groups, results of jobs or conditions select nobody: "
                  "fail (the default), ok (start nothing, status 0)")
      ->type_name("WHAT");
}

void AddStartOptions(CLI::App& verb, RunOptions& options) {
  verb.add_option("--expect", options.expect,
                  "Start nothing unless there are so many targets: 30, 20-40")
      ->type_name("N");
  verb.add_flag("-n,--dry-run", options.dry_run,
                "Show what would happen, start nothing");
  verb.add_flag("-y,--yes", options.yes, "Ask nothing");
  verb.add_option("--offline", options.offline,
                  "Offline targets: fail (the default), ok (they do not "
                  "count), wait")
      ->type_name("POLICY");
  AddDuration(verb, "--expire", options.expire,
              "How long --offline wait waits; default: 24h");
  AddDuration(verb, "--lost-after", options.lost_after,
              "A target counts as lost so long after its link; default: 10m");
  AddDuration(verb, "--deadline", options.deadline,
              "From the start: then what runs is stopped, and the rest is "
              "skipped");
}

void AddSecretOption(CLI::App& verb, RunOptions& options) {
  AddRepeatable(verb, "--secret", options.secrets,
                "Variable of the environment whose value is kept nowhere: from "
                "a file, from standard input (NAME=@-), or from the "
                "environment here (NAME); repeatable")
      ->type_name("NAME=@FILE");
}

void AddNameOptions(CLI::App& verb, RunOptions& options) {
  verb.add_option("--name", options.name, "Name of the job; need not be unique")
      ->type_name("NAME");
  verb.add_option("--supersede", options.supersede,
                  "Skip what has not started of earlier jobs with this key")
      ->type_name("KEY");
  verb.add_option("--id", options.id,
                  "UUID (version 7) of the job, for scripts that retry: a job "
                  "that is there is followed, not started again")
      ->type_name("UUID");
}

void AddFollowOptions(CLI::App& verb, RunOptions& options) {
  verb.add_flag("-d,--detach", options.detach,
                "Start, print the job's number, leave");
  AddDuration(verb, "--wait", options.wait,
              "Stay no longer than this (status 7); the job goes on");
  verb.add_option("--on-interrupt", options.on_interrupt,
                  "What Ctrl-C does: ask, stop or detach")
      ->type_name("WHAT");
  verb.add_option("--min-success", options.min_success,
                  "Status 0 when so many of the targets complete, as in 95%")
      ->type_name("N%");
  verb.add_flag("-S,--largest-status", options.largest_status,
                "End with the largest exit status among the targets; where "
                "some did not run to their end: 240 plus the usual status");
  verb.add_flag("-q,--quiet", options.quiet,
                "Output, errors and who did not complete, nothing else");
}

// Where it is done, in which order, as whom.
void AddWorkOptions(CLI::App& verb, RunOptions& options) {
  AddTargetOptions(verb, options);
  verb.add_option("--where", options.where,
                  "A query that each target asks itself right before the "
                  "start: without a row it is skipped, which is no failure")
      ->type_name("SQL");
  AddStartOptions(verb, options);
  AddQuorumOption(verb, options.rollout);
  AddRolloutOptions(verb, options.rollout);
  AddProcessOptions(verb, options.process);
}

}  // namespace

absl::StatusOr<ExpectedCount> ParseExpectedCount(std::string_view text) {
  ExpectedCount count;
  const size_t dash = text.find('-');
  const bool is_number = ParseWhole(text.substr(0, dash), count.least);
  count.most = count.least;
  if (!is_number ||
      (dash != text.npos && !ParseWhole(text.substr(dash + 1), count.most)) ||
      count.most < count.least) {
    return InvalidArgument(
        "--expect: '{}' is no number of targets; write 30 or 20-40", text);
  }
  return count;
}

size_t StandardInputsRead(const RunOptions& options) {
  const std::vector<std::string>& variables = options.process.environment_files;
  return static_cast<size_t>(
      std::count(options.target_files.begin(), options.target_files.end(),
                 "-") +
      std::count(variables.begin(), variables.end(), "-") +
      std::count_if(options.secrets.begin(), options.secrets.end(),
                    IsStandardInput) +
      (options.input.standard_input || options.input.terminal ? 1 : 0));
}

absl::StatusOr<v1::JobSpec> MakeCommand(
    const CommandOptions& options,
    const std::optional<std::vector<std::string>>& tail) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> arguments,
                         ArgumentsOf(options, tail));
  v1::JobSpec work;
  for (const std::string& argument : arguments) {
    work.mutable_command()->add_arguments(argument);
  }
  return work;
}

absl::StatusOr<RunPlan> MakePlan(const RunOptions& options, v1::JobSpec work) {
  RunPlan plan;
  TUTTI_RETURN_IF_ERROR(CheckConflicts(options));
  plan.work = std::move(work);
  if (plan.work.has_copy()) {
    plan.work.mutable_input()->mutable_content();
  } else {
    plan.work.mutable_input()->mutable_none();
  }
  TUTTI_RETURN_IF_ERROR(ParseProcess(options.process, plan.work));
  plan.work.set_no_keep(options.no_keep);
  if (options.where.has_value()) {
    TUTTI_RETURN_IF_ERROR(CheckCondition(*options.where));
    plan.work.mutable_condition()->set_sql(*options.where);
  }
  plan.work.set_side_streams(options.side_streams);
  if (options.side_streams && options.input.terminal) {
    return InvalidArgument(
        "--tty shows one terminal, --streams gives the program two more "
        "streams; leave one of them out");
  }
  TUTTI_ASSIGN_OR_RETURN(plan.secrets, ReadSecrets(options.secrets));
  for (const v1::Secret& secret : plan.secrets) {
    *plan.work.add_secrets() = ToVariable(secret);
  }
  TUTTI_RETURN_IF_ERROR(CheckDelegateUse(options));
  TUTTI_ASSIGN_OR_RETURN(plan.delegate, ParseDelegate(options.delegate));
  if (!options.name.empty()) {
    TUTTI_RETURN_IF_ERROR(WithPrefix("--name", CheckJobName(options.name)));
  }
  if (!options.per_target.empty()) {
    TUTTI_ASSIGN_OR_RETURN(plan.parameters,
                           ParameterTable::Read(options.per_target));
  }
  TUTTI_ASSIGN_OR_RETURN(plan.offline, ParseOffline(options));
  TUTTI_ASSIGN_OR_RETURN(plan.on_interrupt,
                         ParseInterruptPolicy(options.on_interrupt));
  TUTTI_ASSIGN_OR_RETURN(plan.rollout, ParseRollout(options.rollout));
  TUTTI_ASSIGN_OR_RETURN(plan.input, ParseInput(options.input));
  if (plan.input.fed) {
    TUTTI_RETURN_IF_ERROR(CheckFed(options));
    TUTTI_ASSIGN_OR_RETURN(plan.on_interrupt,
                           FedInterruptPolicy(plan.on_interrupt));
  }
  if (!options.expect.empty()) {
    TUTTI_ASSIGN_OR_RETURN(plan.expect, ParseExpectedCount(options.expect));
  }
  if (!options.min_success.empty()) {
    TUTTI_ASSIGN_OR_RETURN(plan.min_success,
                           ParseMinSuccess(options.min_success));
  }
  if (!options.id.empty()) {
    TUTTI_ASSIGN_OR_RETURN(plan.id, ParseId(options.id));
  }
  return plan;
}

void AddCommandOptions(CLI::App& verb, CommandOptions& options) {
  verb.add_option("-c,--command", options.text,
                  "A text for /bin/sh -c instead of a program")
      ->type_name("TEXT")
      ->each([&options](const std::string&) { options.has_text = true; });
  verb.add_option("--interpreter", options.interpreter,
                  "Run the text of -c through this instead, as in bash")
      ->type_name("PROGRAM");
}

void AddQueryOptions(CLI::App& verb, Context& context, RunOptions& options) {
  AddWorkOptions(verb, options);
  AddNameOptions(verb, options);
  AddFollowOptions(verb, options);
  AddRowsOptions(verb, context, options.show);
}

void AddCopyOptions(CLI::App& verb, Context& context, RunOptions& options) {
  AddWorkOptions(verb, options);
  AddNameOptions(verb, options);
  AddFollowOptions(verb, options);
  AddShowOptions(verb, context, options.show);
}

void AddFetchOptions(CLI::App& verb, Context& context, RunOptions& options) {
  AddWorkOptions(verb, options);
  AddNameOptions(verb, options);
  AddFollowOptions(verb, options);
  AddOutputOption(verb, context, {"table", "json"});
}

void AddRunOptions(CLI::App& verb, Context& context, RunOptions& options) {
  AddWorkOptions(verb, options);
  AddSecretOption(verb, options);
  AddDelegateOptions(verb, options.delegate);
  verb.add_flag("--no-keep", options.no_keep,
                "Keep no output once it was shown, as for tail -F");
  verb.add_flag("--streams", options.side_streams,
                "Give the program descriptor 3 for messages and 4 for a result "
                "(JSON)");
  AddInputOptions(verb, options.input);
  AddNameOptions(verb, options);
  AddFollowOptions(verb, options);
  AddShowOptions(verb, context, options.show);
}

void AddLookOptions(CLI::App& verb, RunOptions& options) {
  AddTargetOptions(verb, options);
  verb.add_option("--offline", options.offline,
                  "Offline targets: fail (the default), ok (they do not "
                  "count), wait")
      ->type_name("POLICY");
  AddDuration(verb, "--wait", options.wait,
              "Stay no longer than this (status 7)");
  options.yes = true;
  options.quiet = true;
}

void AddRetryOptions(CLI::App& verb, Context& context, RunOptions& options) {
  AddRepeatable(verb, "-t,--target,--targets", options.targets,
                "Only these of the job's targets; several are united")
      ->type_name("EXPR");
  AddStartOptions(verb, options);
  AddSecretOption(verb, options);
  AddRolloutOptions(verb, options.rollout);
  AddFollowOptions(verb, options);
  AddShowOptions(verb, context, options.show);
}

}  // namespace tutti::cli
