#include "controller/cli/run/start.h"

#include <poll.h>

#include <algorithm>

#include "common/base/errors.h"
#include "controller/cli/exit_status.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {
namespace {

constexpr absl::Duration kGiveUp = absl::Seconds(60);
constexpr absl::Duration kFirstPause = absl::Milliseconds(200);
constexpr absl::Duration kLongestPause = absl::Seconds(2);

// True when a signal came before `pause` had passed.
bool Interrupted(SignalPipe& signals, absl::Duration pause) {
  pollfd wait = {signals.descriptor(), POLLIN, 0};
  const timespec timeout = absl::ToTimespec(pause);
  return ppoll(&wait, 1, &timeout, nullptr) > 0;
}

bool IsPassing(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNAVAILABLE ||
         status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
}

grpc::Status Send(Connection& connection, const v1::StartJobRequest& request,
                  v1::StartJobResponse& response) {
  v1::JobService::Stub stub(connection.channel());
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kCallTimeout));
  return stub.StartJob(&context, request, &response);
}

absl::Status NobodyKnows(const Uuid& uuid) {
  return WithExitStatus(
      Unavailable("the controller was lost while the job was being started; "
                  "`tutti job show {}` tells whether it was",
                  uuid.ToString()),
      kExitGoesOn);
}

}  // namespace

absl::StatusOr<uint64_t> StartJob(Connection& connection,
                                  const v1::StartJobRequest& request,
                                  const Uuid& uuid, SignalPipe& signals) {
  const absl::Time give_up = absl::Now() + kGiveUp;
  absl::Duration pause = kFirstPause;
  while (absl::Now() < give_up) {
    if (connection.Connect().ok()) {
      v1::StartJobResponse response;
      const grpc::Status status = Send(connection, request, response);
      if (status.ok()) return response.number();
      if (!IsPassing(status)) return connection.Explain(status);
      connection.Disconnect();
    }
    if (Interrupted(signals, pause)) break;
    pause = std::min(pause * 2, kLongestPause);
  }
  return NobodyKnows(uuid);
}

std::string HexDigits(const Uuid& uuid) {
  std::string digits = uuid.ToString();
  std::erase(digits, '-');
  return digits;
}

}  // namespace tutti::cli
