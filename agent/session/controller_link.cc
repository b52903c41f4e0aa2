#include "agent/session/controller_link.h"

#include <grpcpp/create_channel.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/identity/certificate.h"

namespace tutti::agent {
namespace {

constexpr size_t kSessionQueueBytes = 256 << 10;
// Two messages: one on its way, one to follow it.
constexpr size_t kBulkQueueBytes = 512 << 10;
// For the other side to end a stream that we have half-closed.
constexpr absl::Duration kHalfCloseTimeout = absl::Seconds(10);
// After another agent took over our name: slow, or the two of them would end
// each other's sessions in turn.
constexpr absl::Duration kDisplacedShortest = absl::Seconds(5);
constexpr absl::Duration kDisplacedLongest = absl::Seconds(30);

// gRPC shows an expired certificate of ours as "Socket closed" only.
absl::Status CheckOwnCertificate(const ClientTls& tls, absl::Time now) {
  TUTTI_ASSIGN_OR_RETURN(const Certificate certificate,
                         Certificate::FromPem(tls.certificates_pem));
  if (now >= certificate.not_after()) {
    return FailedPrecondition(
        "this agent's certificate expired {}; enroll it again with "
        "tutti-agent enroll and a new join token",
        absl::FormatTime(certificate.not_after(), absl::UTCTimeZone()));
  }
  if (now < certificate.not_before()) {
    return FailedPrecondition(
        "this agent's certificate is not valid before {}; set this host's "
        "clock",
        absl::FormatTime(certificate.not_before(), absl::UTCTimeZone()));
  }
  return absl::OkStatus();
}

bool IsRefusal(const absl::Status& status) {
  return absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status);
}

}  // namespace

ControllerLink::ControllerLink(LinkSettings settings, IdentitySource identity,
                               const Clock& clock, Executor& executor,
                               Listener& listener)
    : settings_(std::move(settings)),
      identity_(std::move(identity)),
      clock_(clock),
      executor_(executor),
      listener_(listener),
      backoff_(settings_.first_backoff, settings_.longest_backoff,
               std::random_device()()) {}

void ControllerLink::Start() { Dial(); }

void ControllerLink::Stop(absl::AnyInvocable<void()> done) {
  stopping_ = true;
  stopped_ = std::move(done);
  AbandonBulk();
  if (session_ != nullptr) session_->Cancel();
  FinishIfStopped();
}

void ControllerLink::FinishIfStopped() {
  if (!stopping_ || streams_ > 0 || stopped_ == nullptr) return;
  std::exchange(stopped_, nullptr)();
}

void ControllerLink::SetControllers(std::vector<std::string> controllers) {
  settings_.controllers = std::move(controllers);
  next_controller_ = 0;
}

void ControllerLink::DialAfter(absl::Duration delay) {
  executor_.PostAfter(delay, [this] {
    if (!stopping_) Dial();
  });
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> ControllerLink::MakeChannel() {
  TUTTI_ASSIGN_OR_RETURN(const ClientTls tls, identity_());
  TUTTI_RETURN_IF_ERROR(CheckOwnCertificate(tls, clock_.Now()));
  grpc::ChannelArguments arguments = MakeChannelArguments(true);
  arguments.SetInt(
      GRPC_ARG_MIN_RECONNECT_BACKOFF_MS,
      static_cast<int>(absl::ToInt64Milliseconds(settings_.connect_timeout)));
  return grpc::CreateCustomChannel(address_, MakeChannelCredentials(tls),
                                   arguments);
}

void ControllerLink::Dial() {
  address_ =
      settings_.controllers[next_controller_ % settings_.controllers.size()];
  auto channel = MakeChannel();
  if (!channel.ok()) {
    LogOnce(fmt::format("cannot connect to the controller: {}",
                        TextOf(channel.status())));
    DialAfter(backoff_.Between(settings_.refused_backoff / 2,
                               settings_.refused_backoff));
    return;
  }
  channel_ = *std::move(channel);
  welcomed_ = false;
  restart_reason_ = absl::OkStatus();
  const auto stub = v1::AgentService::NewStub(channel_);
  session_ =
      SessionStream::Open(executor_, *this, kSessionQueueBytes,
                          [&](grpc::ClientContext* context, auto* reactor) {
                            stub->async()->Session(context, reactor);
                          });
  ++streams_;
  executor_.PostAfter(
      settings_.welcome_timeout, [this, number = ++session_number_] {
        if (number != session_number_ || welcomed_) return;
        RestartSession(
            Unavailable("{} sent no welcome within {}", address_,
                        tutti::FormatDuration(settings_.welcome_timeout)));
      });
  listener_.OnSessionOpened();
}

void ControllerLink::SendHello(v1::AgentHello hello) {
  if (session_ == nullptr) return;
  v1::SessionRequest request;
  *request.mutable_hello() = std::move(hello);
  session_->Send(std::move(request));
}

bool ControllerLink::SendReport(v1::AgentReport report) {
  if (session_ == nullptr) return true;
  v1::SessionRequest request;
  *request.mutable_report() = std::move(report);
  return session_->Send(std::move(request));
}

void ControllerLink::RestartSession(const absl::Status& why) {
  if (session_ == nullptr) return;
  if (restart_reason_.ok()) restart_reason_ = why;
  session_->Cancel();
}

void ControllerLink::OnStreamMessage(SessionStream&,
                                     v1::SessionResponse message) {
  if (!welcomed_ && message.has_welcome()) {
    welcomed_ = true;
    welcomed_at_ = steady_clock_.Now();
    logged_.clear();
    explained_.clear();
    log::Info("connected to the controller at {}", address_);
  }
  listener_.OnSessionMessage(std::move(message));
}

void ControllerLink::OnStreamWritable(SessionStream&) {
  listener_.OnSessionWritable();
}

void ControllerLink::OnStreamClosed(SessionStream&,
                                    const absl::Status& status) {
  --streams_;
  session_ = nullptr;
  ++session_number_;
  channel_.reset();
  AbandonBulk();
  listener_.OnSessionClosed();
  if (stopping_) {
    FinishIfStopped();
    return;
  }
  DialAfter(AfterFailure(restart_reason_.ok() ? status : restart_reason_));
  welcomed_ = false;
}

// Says what happened and how long to wait.
absl::Duration ControllerLink::AfterFailure(const absl::Status& status) {
  const std::string_view reason =
      status.ok() ? std::string_view("it ended the session") : TextOf(status);
  if (!welcomed_) ++next_controller_;
  if (IsRefusal(status)) {
    LogOnce(fmt::format("the controller at {} refuses this agent: {}", address_,
                        reason));
    return backoff_.Between(settings_.refused_backoff / 2,
                            settings_.refused_backoff);
  }
  if (absl::IsAborted(status)) {
    LogOnce(fmt::format(
        "the controller at {} ended the session: {}; if two hosts were "
        "enrolled with one identity, enroll one of them again under a name of "
        "its own",
        address_, reason));
    return backoff_.Between(kDisplacedShortest, kDisplacedLongest);
  }
  const bool unreachable = !welcomed_ && absl::IsUnavailable(status);
  if (!unreachable || !Explain(std::string(reason))) {
    LogOnce(fmt::format("no session with the controller at {}: {}", address_,
                        reason));
  }
  if (welcomed_ &&
      steady_clock_.Now() - welcomed_at_ >= settings_.stable_after) {
    backoff_.Reset();
  }
  // The ceiling grows when all were tried.
  const bool all_tried =
      next_controller_ % settings_.controllers.size() == 0 || welcomed_;
  return all_tried
             ? backoff_.Next()
             : backoff_.Between(absl::ZeroDuration(), settings_.first_backoff);
}

// What gRPC says of a connection that does not come about is not for people.
bool ControllerLink::Explain(const std::string& reason) {
  std::string& explained = explained_[address_];
  if (explained == reason) return true;
  const absl::StatusOr<ClientTls> tls = identity_();
  if (!tls.ok()) return false;
  explained = reason;
  listener_.OnUnreachable(address_, *tls);
  return true;
}

void ControllerLink::LogOnce(const std::string& text) {
  if (text == logged_) {
    log::Debug("{}", text);
    return;
  }
  logged_ = text;
  log::Warning("{}", text);
}

void ControllerLink::OpenBulk() {
  if (session_ == nullptr || bulk_ != nullptr) return;
  // A channel of its own, so that bulk can not hold up the session.
  auto channel = MakeChannel();
  if (!channel.ok()) {
    LogOnce(fmt::format("cannot open the stream for bulk output: {}",
                        TextOf(channel.status())));
    executor_.Post([this, number = session_number_] {
      if (number == session_number_) listener_.OnBulkClosed(false);
    });
    return;
  }
  const auto stub = v1::AgentService::NewStub(*channel);
  bulk_ = BulkStream::Open(executor_, *this, kBulkQueueBytes,
                           [&](grpc::ClientContext* context, auto* reactor) {
                             stub->async()->SendOutput(context, reactor);
                           });
  ++streams_;
}

bool ControllerLink::SendOutput(v1::SendOutputRequest request) {
  return bulk_ == nullptr || bulk_->Send(std::move(request));
}

void ControllerLink::CloseBulk() {
  if (bulk_ == nullptr) return;
  bulk_->HalfClose();
  BulkStream* closing = std::exchange(bulk_, nullptr);
  half_closed_.push_back(closing);
  executor_.PostAfter(kHalfCloseTimeout, [this, closing] {
    // An address may have been used again; then the younger stream has had
    // less time, and has no more to say than the older one.
    if (std::count(half_closed_.begin(), half_closed_.end(), closing) > 0) {
      closing->Cancel();
    }
  });
}

void ControllerLink::AbandonBulk() {
  if (bulk_ != nullptr) std::exchange(bulk_, nullptr)->Cancel();
  for (BulkStream* stream : half_closed_) stream->Cancel();
}

void ControllerLink::OnStreamMessage(BulkStream& stream,
                                     v1::SendOutputResponse message) {
  if (&stream == bulk_) listener_.OnBulkMessage(std::move(message));
}

void ControllerLink::OnStreamWritable(BulkStream& stream) {
  if (&stream == bulk_) listener_.OnBulkWritable();
}

void ControllerLink::OnStreamClosed(BulkStream& stream,
                                    const absl::Status& status) {
  --streams_;
  std::erase(half_closed_, &stream);
  if (&stream == bulk_) {
    bulk_ = nullptr;
    LogOnce(
        fmt::format("the stream for bulk output ended: {}", TextOf(status)));
    listener_.OnBulkClosed(stream.wrote());
  }
  FinishIfStopped();
}

}  // namespace tutti::agent
