#include "controller/cli/run/copy.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/text/shell_quote.h"
#include "common/text/utf8.h"
#include "controller/cli/follow/transfer_line.h"
#include "controller/cli/run/options.h"
#include "controller/cli/run/rate.h"
#include "controller/cli/run/run_plan.h"
#include "copy/pack_writer.h"

namespace tutti::cli {
namespace {

constexpr size_t kLabelBytes = 200;
// Not /tmp, which may be memory.
constexpr char kTemporaryDirectory[] = "/var/tmp";

struct CopyOptions {
  // Sources, and behind them the destination.
  std::vector<std::string> paths;
  copy::SourceOptions source;
  bool if_changed = false;
  std::string rate;
  RunOptions run;
};

// The sources' names, for people.
std::string LabelOf(const std::vector<std::string>& sources) {
  std::string label;
  for (const std::string& source : sources) {
    std::string path = source;
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    if (!label.empty()) label += ' ';
    label += ShellQuote(path.substr(path.rfind('/') + 1));
    if (label.size() > kLabelBytes) break;
  }
  return ClipToUtf8(label, kLabelBytes);
}

absl::StatusOr<v1::JobSpec> MakeCopy(const CopyOptions& options) {
  if (options.paths.size() < 2) {
    return InvalidArgument(
        "nothing to copy; name files, and behind them where they go: tutti "
        "copy -t TARGETS FILE... DEST");
  }
  const std::string& destination = options.paths.back();
  if (!destination.starts_with('/')) {
    return InvalidArgument(
        "DEST: {} is no absolute path; begin it with '/', as in /etc/",
        ShellQuote(destination));
  }
  v1::JobSpec work;
  v1::Copy& copy = *work.mutable_copy();
  copy.set_destination(destination);
  copy.set_if_changed(options.if_changed);
  TUTTI_ASSIGN_OR_RETURN(const uint64_t rate, ParseRate(options.rate));
  copy.set_rate(rate);
  copy.set_label(LabelOf({options.paths.begin(), options.paths.end() - 1}));
  return work;
}

absl::StatusOr<RunPlan> PlanCopy(const CopyOptions& options,
                                 const Terminal& terminal) {
  TUTTI_ASSIGN_OR_RETURN(v1::JobSpec work, MakeCopy(options));
  // Before the files are read, which may take long.
  TUTTI_ASSIGN_OR_RETURN(RunPlan plan, MakePlan(options.run, std::move(work)));
  copy::PackOptions pack;
  pack.source = options.source;
  const char* folder = std::getenv("TMPDIR");
  pack.temporary_directory =
      folder != nullptr && *folder != '\0' ? folder : kTemporaryDirectory;
  TransferLine line(terminal, "packing", !options.run.quiet);
  pack.on_progress = [&](uint64_t bytes) { line.Show(bytes, 0); };
  const std::vector<std::string> sources(options.paths.begin(),
                                         options.paths.end() - 1);
  TUTTI_ASSIGN_OR_RETURN(copy::WrittenPack written,
                         copy::WritePack(sources, pack));
  plan.work.mutable_copy()->set_manifest_digest(written.manifest_digest);
  plan.content = std::make_shared<const copy::WrittenPack>(std::move(written));
  return plan;
}

}  // namespace

void AddCopy(CLI::App& root, Context& context) {
  auto options = std::make_shared<CopyOptions>();
  CLI::App& verb = AddVerb(
      root, "copy",
      "Put files and folders of this host in place on many targets, each as a "
      "whole or not at all",
      context);
  AddPositionals(verb, "FILE... DEST", options->paths,
                 "What to copy, and the absolute path that it gets; with a / "
                 "at its end, or of a folder that is there: into it");
  verb.add_flag("--if-changed", options->if_changed,
                "Compare what is there; send only what differs");
  verb.add_flag("--preserve-owner", options->source.preserve_owner,
                "With owner and group, by name");
  verb.add_flag("--follow-links", options->source.follow_links,
                "Copy what symbolic links point to");
  verb.add_option("--rate", options->rate,
                  "Send each target no more than this, as in 10M/s")
      ->type_name("SIZE");
  AddCopyOptions(verb, context, options->run);
  SetExamples(
      verb, {{"tutti copy -t 'web*' nginx.conf /etc/nginx/nginx.conf", ""},
             {"tutti copy -t all -f 10 --if-changed site/ /srv/www/",
              "a folder, ten targets at a time, only what differs"},
             {"tutti copy -t all --rate 10M/s image.iso /var/lib/images/", ""},
             {"tutti copy -t 'db*' -n conf /etc/db/",
              "only look at what would happen"}});
  SetAction(verb, context, [options](Context& context) {
    return RunPlanned(options->run, PlanCopy(*options, context.terminal),
                      context);
  });
}

}  // namespace tutti::cli
