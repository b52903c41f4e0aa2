// Kinds that targets were found to have, kept on this host so that mistakes
// show before a job starts. The targets decide all the same.
#ifndef CONTROLLER_CLI_KIND_KIND_CACHE_H_
#define CONTROLLER_CLI_KIND_KIND_CACHE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/kinds/manifest.h"
#include "controller/cli/kind/kinds_view.h"

namespace tutti::cli {

// Below XDG_CACHE_HOME, or ~/.cache: tutti/FLEET/kinds/NAME.json.
absl::Status KeepKinds(const std::string& fleet,
                       const std::vector<TargetKind>& kinds);

// Versions of the kind that are known, and can be used; none: nothing is known
// of it.
std::vector<Manifest> KnownVersions(const std::string& fleet,
                                    const std::string& name);
// Of all that are known.
std::vector<std::string> KnownKinds(const std::string& fleet);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_KIND_KIND_CACHE_H_
