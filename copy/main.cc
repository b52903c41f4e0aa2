// tutti-copy: puts files in place on a target, and gathers them there. The
// runner starts it for a copy or fetch job.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "common/base/clock.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/command_line/flags.h"
#include "common/jobs/query_exit.h"
#include "copy/conversation.h"
#include "copy/frames.h"
#include "copy/gather.h"
#include "copy/manifest.h"
#include "copy/place.h"

namespace tutti::copy {
namespace {

constexpr std::string_view kProgram = "tutti-copy";
// What the runner gives a job for messages and for its result.
constexpr int kMessagesDescriptor = 3;
constexpr int kResultDescriptor = 4;

// -1 when whoever started us gave us no such descriptor.
int IfOpen(int fd) { return fcntl(fd, F_GETFD) >= 0 ? fd : -1; }

struct PlaceArguments {
  std::string manifest;
  std::string destination;
  bool if_changed = false;
  uint64_t rate = 0;
};

struct GatherArguments {
  std::vector<std::string> paths;
  bool follow_links = false;
  uint64_t rate = 0;
};

absl::StatusOr<std::string> ParseDigest(const std::string& text) {
  const bool hex = text.size() == 2 * kDigestBytes &&
                   text.find_first_not_of("0123456789abcdef") == text.npos;
  if (hex) {
    const absl::string_view digits(text.data(), text.size());
    return absl::HexStringToBytes(digits);
  }
  return InvalidArgument(
      "'{}' is no SHA-256; it has 64 hexadecimal digits in lower case", text);
}

absl::Status Report(const PlaceResult& result, int fd) {
  if (fd < 0) return absl::OkStatus();
  return WriteAll(fd,
                  fmt::format("{{\"files\":{},\"changed\":{},\"bytes\":{},"
                              "\"received_bytes\":{}}}\n",
                              result.files, result.changed, result.bytes,
                              result.received_bytes),
                  "the result");
}

int RunPlace(const PlaceArguments& arguments) {
  const SteadyClock clock;
  // Before anything else is opened, which would take their numbers.
  Progress progress(IfOpen(kMessagesDescriptor), clock);
  const int results = IfOpen(kResultDescriptor);
  PlaceOptions options;
  const absl::StatusOr<std::string> digest = ParseDigest(arguments.manifest);
  if (!digest.ok()) {
    return ReportFailure(kProgram, digest.status(), kServiceMisused);
  }
  options.manifest_digest = *digest;
  options.destination = arguments.destination;
  options.if_changed = arguments.if_changed;
  DescriptorChannel channel(STDIN_FILENO, STDOUT_FILENO);
  RateLimit rate(arguments.rate, clock, absl::SleepFor);
  const absl::StatusOr<PlaceResult> result =
      Place(options, channel, rate, progress);
  if (!result.ok()) {
    return ReportFailure(kProgram, result.status(), kServiceFailed);
  }
  const absl::Status reported = Report(*result, results);
  if (!reported.ok()) {
    return ReportFailure(kProgram, reported, kServiceFailed);
  }
  return result->changed > 0 ? kExitYielded : 0;
}

int RunGather(const GatherArguments& arguments) {
  const SourceOptions options = {.follow_links = arguments.follow_links,
                                 .preserve_owner = true,
                                 .whole_paths = true};
  const SteadyClock clock;
  RateLimit rate(arguments.rate, clock, absl::SleepFor);
  const absl::StatusOr<uint64_t> problems =
      Gather(arguments.paths, options, STDOUT_FILENO, &rate);
  if (!problems.ok()) {
    return ReportFailure(kProgram, problems.status(), kServiceFailed);
  }
  return *problems > 0 ? kServiceFailed : 0;
}

int Main(int argc, char** argv) {
  // Errors of writing, not ends of ours.
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  CLI::App app("Puts files in place on this host, and gathers them here.",
               std::string(kProgram));
  app.require_subcommand(1);
  PlaceArguments place;
  CLI::App* placing = app.add_subcommand(
      "place",
      "Ask for files on standard output, take them from standard input");
  placing
      ->add_option("--manifest", place.manifest,
                   "SHA-256 of the manifest, in hexadecimal digits")
      ->required();
  placing->add_option("DEST", place.destination, "Absolute path")->required();
  placing->add_flag("--if-changed", place.if_changed,
                    "Compare what is there; ask only for what differs");
  placing->add_option("--rate", place.rate, "Bytes a second at most");
  GatherArguments gather;
  CLI::App* gathering = app.add_subcommand(
      "gather", "Write files to standard output, as one stream");
  gathering->add_flag("--follow-links", gather.follow_links,
                      "Send what symbolic links point to");
  gathering->add_option("--rate", gather.rate, "Bytes a second at most");
  // Paths are taken as they are: CLI11 would unfold "[a,b]".
  gathering->allow_extras();
  gathering->footer("[--] PATH... is what to send.");
  char** const dashes = std::find(argv, argv + argc, std::string_view("--"));
  if (const auto status =
          ParseOrExplain(app, static_cast<int>(dashes - argv), argv)) {
    return *status;
  }
  if (placing->parsed()) return RunPlace(place);
  gather.paths = gathering->remaining();
  for (const std::string& word : gather.paths) {
    if (!word.starts_with('-')) continue;
    return ReportFailure(
        kProgram,
        InvalidArgument("there is no option {}; put paths behind --", word),
        kServiceMisused);
  }
  if (dashes != argv + argc) {
    gather.paths.insert(gather.paths.end(), dashes + 1, argv + argc);
  }
  if (!gather.paths.empty()) return RunGather(gather);
  return ReportFailure(kProgram, InvalidArgument("no PATH to gather; name one"),
                       kServiceMisused);
}

}  // namespace
}  // namespace tutti::copy

int main(int argc, char** argv) { return tutti::copy::Main(argc, argv); }
