// Files that a program of ours writes to standard output as one stream.
#include "agent/runner/kinds/kind.h"
#include "common/base/errors.h"

namespace tutti::runner {

absl::StatusOr<JobWork> PlanFetch(const KindRequest& request,
                                  const KindSettings& settings) {
  const tutti::v1::Fetch& fetch = request.spec.fetch();
  JobWork work;
  work.arguments = {settings.copy_program, "gather"};
  if (fetch.follow_links()) work.arguments.emplace_back("--follow-links");
  if (fetch.rate() > 0) {
    work.arguments.push_back(fmt::format("--rate={}", fetch.rate()));
  }
  work.arguments.emplace_back("--");
  work.arguments.insert(work.arguments.end(), fetch.paths().begin(),
                        fetch.paths().end());
  request.spec.set_side_streams(true);
  return work;
}

}  // namespace tutti::runner
