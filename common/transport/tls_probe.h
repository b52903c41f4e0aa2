// One TLS handshake by hand, to see why gRPC's fails: gRPC tells little more
// than "Socket closed".
#ifndef COMMON_TRANSPORT_TLS_PROBE_H_
#define COMMON_TRANSPORT_TLS_PROBE_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/identity/certificate.h"
#include "common/transport/transport.h"

namespace tutti {

// How far a handshake came.
struct TlsProbe {
  enum class Result {
    kAccepted,        // both sides hold the other's certificate for good
    kNotTls,          // what the server says is no TLS
    kServerRefused,   // the server's certificate does not hold: see below
    kClientRefused,   // the server ended it when it saw our certificate
    kTimedOut,        // the server is silent
    kClosed,          // the server hung up before it showed a certificate
    kBadCredentials,  // our own certificate and key do not load
  };
  Result result = Result::kClosed;
  // What the server showed, if it came so far.
  std::optional<Certificate> server;
  // kServerRefused: X509_V_ERR_..., see X509_STORE_CTX_get_error(3).
  int verify_error = 0;
};

// Shakes hands as a client over the connected, non-blocking socket `fd`, with
// the settings of gRPC (TLS 1.2 or newer, ALPN h2). Ends by `deadline`.
TlsProbe ProbeTls(int fd, const ClientTls& tls, absl::Time deadline);

}  // namespace tutti

#endif  // COMMON_TRANSPORT_TLS_PROBE_H_
