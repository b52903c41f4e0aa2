// Asking targets which kinds they have: what `kind list` and `kind show` share.
#ifndef CONTROLLER_CLI_KIND_KINDS_QUERY_H_
#define CONTROLLER_CLI_KIND_KINDS_QUERY_H_

#include <string>

#include "absl/status/statusor.h"
#include "controller/cli/command.h"
#include "controller/cli/kind/kinds_view.h"
#include "controller/cli/run/options.h"

namespace tutti::cli {

// A query job on the targets of `options`; `name` empty: all kinds. What it
// finds is kept for `kind run` and given to `on_kinds`.
absl::StatusOr<int> QueryKinds(const RunOptions& options,
                               const std::string& name,
                               KindsView::OnKinds on_kinds, Context& context);

// Equal ones of several targets as one line of a list, or one object.
Json KindToJson(const TargetKind& kind);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_KIND_KINDS_QUERY_H_
