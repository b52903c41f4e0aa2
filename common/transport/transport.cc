#include "common/transport/transport.h"

#include <fmt/format.h>
#include <grpc/support/log.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/base/errors.h"
#include "common/base/log.h"

namespace tutti {
namespace {

using grpc::experimental::CertificateVerifier;
using grpc::experimental::ExternalCertificateVerifier;
using grpc::experimental::FileWatcherCertificateProvider;
using grpc::experimental::StaticDataCertificateProvider;
using grpc::experimental::TlsChannelCredentialsOptions;
using grpc::experimental::TlsCustomVerificationCheckRequest;
using grpc::experimental::TlsServerCredentialsOptions;

constexpr unsigned int kCertificateRefreshSeconds = 2;
constexpr int kKeepaliveMilliseconds = 20'000;
constexpr int kKeepaliveTimeoutMilliseconds = 10'000;
constexpr int kMinPingIntervalMilliseconds = 10'000;
// Bounds what a stream that nobody reads holds in memory.
constexpr int kStreamWindowBytes = 1 << 20;
// A spec of 4 MiB with its envelope, and room for lists of names.
constexpr int kMaxMessageBytes = 32 << 20;
// Short, so that who waits between attempts is the caller, with its own
// back-off, and not the channel.
constexpr int kReconnectMilliseconds = 100;
constexpr int kMaxReconnectMilliseconds = 1000;

// What an error text may take in a call's trailers. gRPC refuses more than
// 8 KiB of them (GRPC_ARG_MAX_METADATA_SIZE), and others want room too.
constexpr size_t kMaxErrorBytes = 6 << 10;
constexpr std::string_view kCut = " …";

// Accepts any controller of the fleet. Runs after TLS has verified the chain,
// on gRPC's threads; immutable.
class ControllerVerifier final : public ExternalCertificateVerifier {
 public:
  explicit ControllerVerifier(std::string fleet) : fleet_(std::move(fleet)) {}
  ~ControllerVerifier() override = default;

  bool Verify(TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)> callback,
              grpc::Status* sync_status) override;
  void Cancel(TlsCustomVerificationCheckRequest*) override {}

 private:
  absl::Status Check(const std::vector<grpc::string_ref>& uris) const;

  const std::string fleet_;
};

bool ControllerVerifier::Verify(TlsCustomVerificationCheckRequest* request,
                                std::function<void(grpc::Status)>,
                                grpc::Status* sync_status) {
  *sync_status = ToGrpc(Check(request->uri_names()));
  return true;
}

absl::Status ControllerVerifier::Check(
    const std::vector<grpc::string_ref>& uris) const {
  if (uris.size() != 1) {
    return PermissionDenied("the server's certificate has {} identities, not 1",
                            uris.size());
  }
  const absl::StatusOr<Identity> identity =
      ParseIdentity({uris[0].data(), uris[0].size()});
  if (!identity.ok()) return identity.status();
  if (identity->role != Role::kController || identity->fleet != fleet_) {
    return PermissionDenied("the server is {}, not a controller of fleet '{}'",
                            ToUri(*identity), fleet_);
  }
  return absl::OkStatus();
}

// gRPC calls it an error that a server's certificate does not bear the host
// name that a client dialled. Ours bear none: identities are checked instead.
bool IsServerNameRemark(std::string_view text) {
  return text.find("No match found for server name") != std::string_view::npos;
}

void WriteGrpcLog(gpr_log_func_args* line) {
  const bool matters = line->severity == GPR_LOG_SEVERITY_ERROR &&
                       !IsServerNameRemark(line->message);
  const log::Level level = matters ? log::Level::kWarning : log::Level::kDebug;
  if (!log::Enabled(level)) return;
  log::Write(level, fmt::format("gRPC: {}", line->message));
}

absl::StatusOr<std::string> OnlyProperty(const grpc::AuthContext& context,
                                         const char* name) {
  const std::vector<grpc::string_ref> values = context.FindPropertyValues(name);
  if (values.size() != 1) {
    return absl::UnauthenticatedError(
        "the caller shows no certificate with exactly one identity; use one "
        "that the fleet's authorities issued");
  }
  return std::string(values[0].data(), values[0].size());
}

// Bytes of a character of an error text on the wire, where all but printable
// ASCII is percent-encoded.
size_t EncodedSize(char c) { return c >= ' ' && c <= '~' && c != '%' ? 1 : 3; }

size_t EncodedSize(std::string_view text) {
  size_t size = 0;
  for (const char c : text) size += EncodedSize(c);
  return size;
}

std::string CutErrorText(std::string_view text) {
  if (EncodedSize(text) <= kMaxErrorBytes) return std::string(text);
  size_t room = kMaxErrorBytes - EncodedSize(kCut);
  size_t end = 0;
  while (EncodedSize(text[end]) <= room) room -= EncodedSize(text[end++]);
  // Not within a character: all bytes of UTF-8 but the first are 10xxxxxx.
  while (end > 0 && (text[end] & 0xc0) == 0x80) --end;
  return fmt::format("{}{}", text.substr(0, end), kCut);
}

}  // namespace

std::shared_ptr<grpc::ChannelCredentials> MakeChannelCredentials(
    const ClientTls& tls) {
  TlsChannelCredentialsOptions options;
  options.set_certificate_provider(
      std::make_shared<StaticDataCertificateProvider>(
          tls.controller_authority_pem,
          std::vector<grpc::experimental::IdentityKeyCertPair>{
              {tls.key_pem, tls.certificates_pem}}));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_certificate_verifier(
      ExternalCertificateVerifier::Create<ControllerVerifier>(tls.fleet));
  options.set_check_call_host(false);
  return grpc::experimental::TlsCredentials(options);
}

grpc::ChannelArguments MakeChannelArguments(bool own_connection) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMilliseconds);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                   kKeepaliveTimeoutMilliseconds);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kStreamWindowBytes);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // A call is repeated by who knows whether it may be.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS,
                   kReconnectMilliseconds);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS,
                   kMaxReconnectMilliseconds);
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  if (own_connection) {
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  }
  return arguments;
}

std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(
    const std::string& identity_directory,
    const std::string& client_authorities_path,
    const std::shared_ptr<grpc::AuthMetadataProcessor>& processor) {
  const std::string current = identity_directory + "/current";
  TlsServerCredentialsOptions options(
      std::make_shared<FileWatcherCertificateProvider>(
          current + "/key.pem", current + "/certificate.pem",
          client_authorities_path, kCertificateRefreshSeconds));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  std::shared_ptr<grpc::ServerCredentials> credentials =
      grpc::experimental::TlsServerCredentials(options);
  if (processor != nullptr) {
    credentials->SetAuthMetadataProcessor(processor);
  }
  return credentials;
}

void ConfigureServer(grpc::ServerBuilder& builder) {
  // Without it a second server on the same port starts silently.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS,
                             kKeepaliveMilliseconds);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                             kKeepaliveTimeoutMilliseconds);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
      kMinPingIntervalMilliseconds);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES,
                             kStreamWindowBytes);
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
}

absl::StatusOr<Identity> PeerIdentity(const grpc::AuthContext& context) {
  const absl::StatusOr<std::string> uri =
      OnlyProperty(context, GRPC_PEER_SPIFFE_ID_PROPERTY_NAME);
  if (!uri.ok()) return uri.status();
  absl::StatusOr<Identity> identity = ParseIdentity(*uri);
  if (!identity.ok()) {
    return absl::UnauthenticatedError(identity.status().message());
  }
  return identity;
}

absl::StatusOr<Certificate> PeerCertificate(const grpc::AuthContext& context) {
  const absl::StatusOr<std::string> pem =
      OnlyProperty(context, GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (!pem.ok()) return pem.status();
  return Certificate::FromPem(*pem);
}

absl::Status FromGrpc(const grpc::Status& status) {
  // The codes are the same numbers.
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
}

grpc::Status ToGrpc(const absl::Status& status) {
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      CutErrorText(TextOf(status)));
}

void SetUpGrpc(GrpcLog log) {
  // Debian's abseil is built with its deadlock detector on. In gRPC's locks it
  // costs a third of all CPU time, and it has a lock of its own, which every
  // thread takes.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // gRPC 1.51 can read in chunks of 64 KiB alone and keeps one for each
  // connection; without that experiment what it keeps follows what came: half
  // of it after 10 KB from each of 10,000 agents, and just as fast.
  setenv("GRPC_EXPERIMENTS", "-tcp_read_chunks", /*overwrite=*/0);
  switch (log) {
    case GrpcLog::kRedirected:
      gpr_set_log_function(WriteGrpcLog);
      break;
    case GrpcLog::kSilent:
      if (std::getenv("GRPC_VERBOSITY") != nullptr) break;
      gpr_set_log_function([](gpr_log_func_args*) {});
      break;
  }
}

}  // namespace tutti
