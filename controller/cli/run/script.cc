#include "controller/cli/run/script.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string_view>
#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/signing/envelope.h"
#include "common/text/lines.h"
#include "common/text/shell_quote.h"
#include "controller/cli/run/options.h"
#include "controller/cli/run/run_plan.h"

namespace tutti::cli {
namespace {

constexpr char kStandardInput[] = "stdin";

absl::StatusOr<std::string> ReadScript(const std::string& path) {
  absl::StatusOr<std::string> text =
      ReadFileOrStandardInput(path, kMaxSpecBytes);
  if (absl::IsResourceExhausted(text.status())) {
    return InvalidArgument(
        "{} is too large: a job takes {} at most; let the script fetch what is "
        "large",
        path, FormatSize(kMaxSpecBytes));
  }
  return text;
}

absl::Status CheckFirstLine(const std::string& path, std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf#!")) {
    return InvalidArgument(
        "{} begins with a byte order mark, with which no interpreter is "
        "found; remove the first three bytes",
        path);
  }
  if (!text.starts_with("#!")) {
    return InvalidArgument(
        "{} does not say what runs it; begin it with a line such as #!/bin/sh, "
        "or run a program that is there already with `tutti run`",
        path);
  }
  const std::string_view line = TakeLine(text);
  if (Trimmed(line.substr(2)).empty()) {
    return InvalidArgument(
        "{} names no interpreter in its first line; write one such as "
        "#!/bin/sh",
        path);
  }
  if (line.ends_with('\r')) {
    return InvalidArgument(
        "{} has the line ends of Windows, with which no interpreter is found; "
        "convert it, as with dos2unix",
        path);
  }
  return absl::OkStatus();
}

absl::StatusOr<RunPlan> PlanScript(const RunOptions& options,
                                   const Context& context) {
  if (context.tail && !context.tail->empty() && context.tail->front() == "-" &&
      StandardInputsRead(options) > 0) {
    return InvalidArgument(
        "standard input is the script; give -T, --env-file and --secret other "
        "files, and leave --stdin and --tty out");
  }
  TUTTI_ASSIGN_OR_RETURN(v1::JobSpec work, MakeScript(context.tail));
  return MakePlan(options, std::move(work));
}

}  // namespace

absl::StatusOr<v1::JobSpec> MakeScript(
    const std::optional<std::vector<std::string>>& tail) {
  if (!tail || tail->empty() || tail->front().empty()) {
    return InvalidArgument(
        "no script given; write its file, and behind it its arguments, as the "
        "last thing: tutti script -t TARGETS ./FILE [ARG...]");
  }
  const std::string& path = tail->front();
  TUTTI_ASSIGN_OR_RETURN(std::string text, ReadScript(path));
  TUTTI_RETURN_IF_ERROR(
      CheckFirstLine(path == "-" ? "standard input" : path, text));
  v1::JobSpec work;
  v1::Script& script = *work.mutable_script();
  script.set_name(path == "-" ? kStandardInput
                              : path.substr(path.rfind('/') + 1));
  script.set_text(std::move(text));
  for (size_t i = 1; i < tail->size(); ++i) script.add_arguments((*tail)[i]);
  return work;
}

void AddScript(CLI::App& root, Context& context) {
  auto options = std::make_shared<RunOptions>();
  CLI::App& verb =
      AddVerb(root, "script",
              "Run a script of this host on many targets and show what they "
              "say. What follows FILE is the script's; its #! line says what "
              "runs it; - is standard input",
              context);
  AddRunOptions(verb, context, *options);
  SetExamples(verb, {{"tutti script -t 'web*' ./deploy.sh v1.2 --force",
                      "what follows the file belongs to the script"},
                     {"tutti script -t 'db*' --quorum 90% ./migrate.sh",
                      "only if nine of ten would start it"},
                     {"tutti script -t all --sudo -n ./fix.py",
                      "only look at what would happen"},
                     {"generate | tutti script -t web01 - v1.2",
                      "from standard input"}});
  SetAction(verb, context, [options](Context& context) {
    return RunPlanned(*options, PlanScript(*options, context), context);
  });
}

}  // namespace tutti::cli
