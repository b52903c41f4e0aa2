// The place every call passes before any service sees it.
#ifndef CONTROLLER_AUTHORIZATION_GATE_H_
#define CONTROLLER_AUTHORIZATION_GATE_H_

#include <grpcpp/security/auth_metadata_processor.h>

#include <atomic>
#include <functional>
#include <string>

namespace tutti::controller {

// Checks who calls against CheckAccess, for every service of the server,
// health and reflection included. Thread-safe.
class Gate final : public grpc::AuthMetadataProcessor {
 public:
  // `on_call` hears of every call; it must not block.
  Gate(std::string fleet, std::function<void()> on_call);

  // From now on every call is refused with UNAVAILABLE.
  void Close() { closed_ = true; }

  bool IsBlocking() const override { return false; }
  grpc::Status Process(const InputMetadata& auth_metadata,
                       grpc::AuthContext* context,
                       OutputMetadata* consumed_auth_metadata,
                       OutputMetadata* response_metadata) override;

 private:
  const std::string fleet_;
  const std::function<void()> on_call_;
  std::atomic<bool> closed_ = false;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_AUTHORIZATION_GATE_H_
