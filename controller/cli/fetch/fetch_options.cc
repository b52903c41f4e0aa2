#include "controller/cli/fetch/fetch_options.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/text/shell_quote.h"
#include "controller/cli/run/rate.h"
#include "copy/source_walk.h"

namespace tutti::cli {
namespace {

// As many streams come at once unless -f says otherwise: more only wait for one
// disk and one network here.
constexpr char kFanout[] = "32";

// Whether one of two names without '/' in front is the other or leads to it.
bool Overlap(const std::string& a, const std::string& b) {
  return (a + "/").starts_with(b + "/") || (b + "/").starts_with(a + "/");
}

absl::StatusOr<v1::JobSpec> MakeFetch(const FetchOptions& options) {
  if (options.words.size() < 2) {
    return InvalidArgument(
        "nothing to fetch; name files, and behind them the folder here: tutti "
        "fetch -t TARGETS PATH... DIR");
  }
  v1::JobSpec work;
  v1::Fetch& fetch = *work.mutable_fetch();
  std::vector<std::string> names;
  for (size_t i = 0; i + 1 < options.words.size(); ++i) {
    const std::string& path = options.words[i];
    if (!path.starts_with('/')) {
      return InvalidArgument(
          "PATH: {} is no absolute path; begin it with '/', as in /etc/hosts",
          ShellQuote(path));
    }
    absl::StatusOr<std::string> whole = copy::WholeName(path);
    if (!whole.ok()) return WithPrefix("PATH", whole.status());
    std::string name = *std::move(whole);
    for (const std::string& other : names) {
      if (!Overlap(name, other)) continue;
      return InvalidArgument(
          "PATH: {} and {} are the same or within each other; leave one out",
          ShellQuote("/" + other), ShellQuote("/" + name));
    }
    fetch.add_paths("/" + name);
    names.push_back(std::move(name));
  }
  fetch.set_follow_links(options.follow_links);
  TUTTI_ASSIGN_OR_RETURN(const uint64_t rate, ParseRate(options.rate));
  fetch.set_rate(rate);
  return work;
}

absl::Status CheckFetchOptions(const FetchOptions& options, bool is_root) {
  if (options.run.detach) {
    return InvalidArgument(
        "-d: what is fetched is taken by this command; leave it out");
  }
  if (options.preserve_owner && !is_root) {
    return InvalidArgument(
        "--preserve-owner: only root can give files to others; run it as root, "
        "or leave it out");
  }
  if (options.preserve_owner && options.gather) {
    return InvalidArgument(
        "--gather makes one file of equal ones, which has one owner; leave it "
        "or --preserve-owner out");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RunPlan> MakeFetchPlan(FetchOptions& options, bool is_root) {
  TUTTI_ASSIGN_OR_RETURN(v1::JobSpec work, MakeFetch(options));
  TUTTI_RETURN_IF_ERROR(CheckFetchOptions(options, is_root));
  options.run.no_keep = true;
  if (options.run.rollout.fanout.empty()) options.run.rollout.fanout = kFanout;
  TUTTI_ASSIGN_OR_RETURN(RunPlan plan, MakePlan(options.run, std::move(work)));
  if (plan.on_interrupt == InterruptPolicy::kDetach) {
    return InvalidArgument(
        "--on-interrupt detach: what is fetched is taken by this command; give "
        "ask or stop");
  }
  TUTTI_RETURN_IF_ERROR(
      PrepareFetchFolder(options.folder(), options.run.dry_run));
  return plan;
}

absl::Status PrepareFetchFolder(const std::string& path, bool dry_run) {
  struct stat info = {};
  const bool is_there = stat(path.c_str(), &info) == 0;
  if (is_there && !S_ISDIR(info.st_mode)) {
    return InvalidArgument("DIR: {} is no folder; name one, or a new one",
                           ShellQuote(path));
  }
  if (!is_there && dry_run) return absl::OkStatus();
  TUTTI_RETURN_IF_ERROR(WithPrefix("DIR", MakeDirectories(path, 0777)));
  if (access(path.c_str(), W_OK | X_OK) == 0) return absl::OkStatus();
  return SystemError(errno, fmt::format("write to the folder {}", path));
}

}  // namespace tutti::cli
