#include "controller/authorization/gate.h"

#include <grpcpp/security/auth_context.h>

#include <string_view>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/transport/transport.h"
#include "controller/authorization/access.h"

namespace tutti::controller {

Gate::Gate(std::string fleet, std::function<void()> on_call)
    : fleet_(std::move(fleet)), on_call_(std::move(on_call)) {}

grpc::Status Gate::Process(const InputMetadata& auth_metadata,
                           grpc::AuthContext* context, OutputMetadata*,
                           OutputMetadata*) {
  on_call_();
  if (closed_) {
    return ToGrpc(Unavailable("the controller shuts down; try again"));
  }
  const absl::StatusOr<Identity> caller = PeerIdentity(*context);
  if (!caller.ok()) return ToGrpc(caller.status());
  if (caller->role == Role::kDelegate) {
    // A connection may outlive what it was opened with.
    const absl::StatusOr<Certificate> certificate = PeerCertificate(*context);
    if (!certificate.ok()) return ToGrpc(certificate.status());
    if (certificate->not_after() <= absl::Now()) {
      return ToGrpc(PermissionDenied(
          "the delegation of this job ended at {}; start the job anew",
          FormatDate(certificate->not_after())));
    }
  }
  const auto path = auth_metadata.find(":path");
  if (path == auth_metadata.end()) {
    return ToGrpc(Internal("a call without a path"));
  }
  const absl::Status access = CheckAccess(
      fleet_, std::string_view(path->second.data(), path->second.size()),
      *caller);
  if (!access.ok()) log::Warning("{}", std::string(access.message()));
  return ToGrpc(access);
}

}  // namespace tutti::controller
