// Files that a program of ours asks for and puts in place.
#include "absl/strings/escaping.h"
#include "agent/runner/kinds/kind.h"
#include "common/base/errors.h"

namespace tutti::runner {

absl::StatusOr<JobWork> PlanCopy(const KindRequest& request,
                                 const KindSettings& settings) {
  const tutti::v1::Copy& copy = request.spec.copy();
  const std::string& digest = copy.manifest_digest();
  JobWork work;
  work.arguments = {settings.copy_program, "place", "--manifest",
                    absl::BytesToHexString({digest.data(), digest.size()})};
  if (copy.if_changed()) work.arguments.emplace_back("--if-changed");
  if (copy.rate() > 0) {
    work.arguments.push_back(fmt::format("--rate={}", copy.rate()));
  }
  work.arguments.push_back(copy.destination());
  request.spec.set_side_streams(true);
  return work;
}

}  // namespace tutti::runner
