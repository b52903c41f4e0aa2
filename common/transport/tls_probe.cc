#include "common/transport/tls_probe.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/identity/key.h"

namespace tutti {
namespace {

using Result = TlsProbe::Result;

struct ContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using ContextPtr = std::unique_ptr<SSL_CTX, ContextDeleter>;
using SslPtr = std::unique_ptr<SSL, SslDeleter>;

// Notes in the probe (the connection's application data) what the server
// showed; the verdict stays OpenSSL's.
int NoteCertificate(int verified, X509_STORE_CTX* store) {
  auto* ssl = static_cast<SSL*>(
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* probe = static_cast<TlsProbe*>(SSL_get_app_data(ssl));
  X509* leaf = X509_STORE_CTX_get0_cert(store);
  if (leaf != nullptr && !probe->server.has_value()) {
    X509_up_ref(leaf);
    probe->server.emplace(X509Ptr(leaf));
  }
  if (verified != 1) probe->verify_error = X509_STORE_CTX_get_error(store);
  return verified;
}

bool UseAuthorities(SSL_CTX* context, const std::string& pem) {
  const absl::StatusOr<std::vector<Certificate>> authorities =
      Certificate::ListFromPem(pem);
  if (!authorities.ok()) return false;
  for (const Certificate& authority : *authorities) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) !=
        1) {
      return false;
    }
  }
  return true;
}

bool UseCredentials(SSL_CTX* context, const ClientTls& tls) {
  const absl::StatusOr<std::vector<Certificate>> certificates =
      Certificate::ListFromPem(tls.certificates_pem);
  const absl::StatusOr<PrivateKey> key = PrivateKey::FromPem(tls.key_pem);
  if (!certificates.ok() || !key.ok()) return false;
  bool good =
      SSL_CTX_use_certificate(context, certificates->front().get()) == 1 &&
      SSL_CTX_use_PrivateKey(context, key->get()) == 1;
  for (size_t i = 1; i < certificates->size(); ++i) {
    good = good && SSL_CTX_add1_chain_cert(context, (*certificates)[i].get());
  }
  return good;
}

ContextPtr MakeContext(const ClientTls& tls) {
  constexpr unsigned char kAlpn[] = {2, 'h', '2'};
  ContextPtr context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr ||
      SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_alpn_protos(context.get(), kAlpn, sizeof kAlpn) != 0 ||
      !UseAuthorities(context.get(), tls.controller_authority_pem) ||
      !UseCredentials(context.get(), tls)) {
    return nullptr;
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, NoteCertificate);
  return context;
}

// False when `deadline` came first.
bool WaitFor(int fd, int ssl_error, absl::Time deadline) {
  const short events = ssl_error == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN;
  pollfd ready = {fd, events, 0};
  while (true) {
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) return false;
    const int n =
        poll(&ready, 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1);
    if (n > 0) return true;
    if (n < 0 && errno != EINTR) return false;
  }
}

// Repeats one OpenSSL call on a non-blocking socket. SSL_ERROR_NONE when it
// succeeded, SSL_ERROR_WANT_READ when the deadline came first.
template <typename Call>
int Drive(SSL* ssl, int fd, absl::Time deadline, Call call) {
  while (true) {
    ERR_clear_error();
    const int error = SSL_get_error(ssl, call());
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      return error;
    }
    if (!WaitFor(fd, error, deadline)) return SSL_ERROR_WANT_READ;
  }
}

Result ResultOfFailedHandshake(int ssl_error, const TlsProbe& probe) {
  if (ssl_error == SSL_ERROR_WANT_READ) return Result::kTimedOut;
  if (probe.verify_error != X509_V_OK) return Result::kServerRefused;
  // Once it has shown its certificate, what it ends the handshake for is ours.
  if (probe.server.has_value()) return Result::kClientRefused;
  switch (ERR_GET_REASON(ERR_peek_error())) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_BAD_RECORD_TYPE:
    case SSL_R_UNEXPECTED_MESSAGE:
      return Result::kNotTls;
    default:
      return Result::kClosed;
  }
}

}  // namespace

TlsProbe ProbeTls(int fd, const ClientTls& tls, absl::Time deadline) {
  TlsProbe probe;
  const ContextPtr context = MakeContext(tls);
  const SslPtr ssl(context == nullptr ? nullptr : SSL_new(context.get()));
  if (ssl == nullptr || SSL_set_fd(ssl.get(), fd) != 1) {
    OpenSslError();
    probe.result = Result::kBadCredentials;
    return probe;
  }
  SSL_set_app_data(ssl.get(), &probe);
  int error =
      Drive(ssl.get(), fd, deadline, [&] { return SSL_connect(ssl.get()); });
  if (error != SSL_ERROR_NONE) {
    probe.result = ResultOfFailedHandshake(error, probe);
    OpenSslError();
    return probe;
  }
  // In TLS 1.3 the server judges our certificate after our side is done; its
  // first bytes (HTTP/2 settings) say that it liked it.
  char first;
  error = Drive(ssl.get(), fd, deadline,
                [&] { return SSL_read(ssl.get(), &first, 1); });
  probe.result = error == SSL_ERROR_NONE        ? Result::kAccepted
                 : error == SSL_ERROR_WANT_READ ? Result::kTimedOut
                                                : Result::kClientRefused;
  OpenSslError();
  return probe;
}

}  // namespace tutti
