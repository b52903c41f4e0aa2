#include "controller/cli/run/input_options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <string_view>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "controller/cli/input/raw_terminal.h"
#include "controller/cli/output.h"
#include "controller/cli/terminal.h"

namespace tutti::cli {
namespace {

constexpr absl::Duration kDropSlowAfter = absl::Seconds(10);

}  // namespace

absl::StatusOr<InputPlan> ParseInput(const InputOptions& options) {
  InputPlan plan;
  plan.fed = options.standard_input || options.terminal;
  plan.terminal = options.terminal;
  if (options.terminal && options.standard_input) {
    return InvalidArgument(
        "--tty gives the program your terminal, --stdin your standard input; "
        "leave one out");
  }
  if (!options.policy.empty() && !options.standard_input) {
    return InvalidArgument("--stdin-policy is for --stdin; add it");
  }
  if (options.policy.empty() || options.policy == "wait") return plan;
  const std::string_view policy = options.policy;
  const size_t colon = policy.find(':');
  if (policy.substr(0, colon) != "drop-slow") {
    return InvalidArgument(
        "--stdin-policy: '{}' is none of wait, drop-slow and drop-slow:30s",
        policy);
  }
  plan.drop_slow_after = kDropSlowAfter;
  if (colon != policy.npos) {
    const absl::StatusOr<absl::Duration> after =
        ParseDuration(policy.substr(colon + 1));
    if (!after.ok()) return WithPrefix("--stdin-policy", after.status());
    if (*after <= absl::ZeroDuration()) {
      return InvalidArgument(
          "--stdin-policy: 0 leaves everybody behind; give more, as in "
          "drop-slow:30s");
    }
    plan.drop_slow_after = *after;
  }
  return plan;
}

absl::StatusOr<InterruptPolicy> FedInterruptPolicy(InterruptPolicy asked) {
  if (asked != InterruptPolicy::kDetach) return InterruptPolicy::kStop;
  return InvalidArgument(
      "--on-interrupt detach: the job could not go on without its input; give "
      "stop, or leave --stdin out");
}

absl::Status CheckTerminals(const Context& context) {
  if (IsJson(context.output)) {
    return InvalidArgument("another terminal is shown as it is; leave -o out");
  }
  if (context.terminal.InputIsTerminal() &&
      context.terminal.OutputIsTerminal()) {
    return absl::OkStatus();
  }
  return InvalidArgument(
      "a terminal on the target needs one here, and standard input and output "
      "are not both one; give `tutti run --stdin` instead");
}

void AddInputOptions(CLI::App& verb, InputOptions& options) {
  verb.add_flag("--stdin", options.standard_input,
                "Give standard input to every target at once");
  verb.add_option("--stdin-policy", options.policy,
                  "When targets read slowly: wait (the default: the slowest "
                  "decides), drop-slow[:TIME] (who holds up the others for 10s "
                  "is left behind and stopped)")
      ->type_name("POLICY");
  verb.add_flag("--tty", options.terminal,
                "One target: a terminal, with yours in front of it; ~. at the "
                "beginning of a line leaves");
}

void AddInput(const InputPlan& plan, const std::string& public_key,
              const Terminal& terminal, v1::JobSpec& spec) {
  if (!plan.fed) return;
  spec.mutable_input()->mutable_stream()->set_public_key(public_key);
  if (!plan.terminal) return;
  const char* type = std::getenv("TERM");
  spec.mutable_terminal()->set_type(type == nullptr ? "dumb" : type);
  *spec.mutable_terminal()->mutable_size() =
      WindowSizeOf(terminal.input_descriptor());
}

}  // namespace tutti::cli
