#include <fcntl.h>
#include <netdb.h>
#include <openssl/x509_vfy.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "common/base/address.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/status_macros.h"
#include "common/transport/tls_probe.h"
#include "common/transport/transport.h"

namespace tutti {
namespace {

struct AddressListDeleter {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, AddressListDeleter>;

absl::StatusOr<AddressList> Resolve(const Address& address) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error =
      getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(),
                  &hints, &list);
  if (error != 0) {
    return Unavailable(
        "the name '{}' of the controller can not be found ({}); check its "
        "spelling and the DNS",
        address.host, gai_strerror(error));
  }
  return AddressList(list);
}

// 0, or the errno of the attempt.
int ConnectBy(int fd, const addrinfo& to, absl::Time deadline) {
  if (connect(fd, to.ai_addr, to.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd connected = {fd, POLLOUT, 0};
  int n = 0;
  do {
    const absl::Duration left =
        std::max(deadline - absl::Now(), absl::ZeroDuration());
    n = poll(&connected, 1, static_cast<int>(absl::ToInt64Milliseconds(left)));
  } while (n < 0 && errno == EINTR);
  if (n == 0) return ETIMEDOUT;
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  return error;
}

absl::Status ExplainConnectError(int error, const std::string& address) {
  switch (error) {
    case ECONNREFUSED:
      return Unavailable(
          "nobody listens on {}; check the address, and that tutti-controller "
          "runs there",
          address);
    case ETIMEDOUT:
      return Unavailable(
          "{} does not answer; check that the host is up and that no firewall "
          "is in between",
          address);
    default:
      return Unavailable(
          "cannot connect to {}: {}; check the address and this host's "
          "network",
          address, ErrnoText(error));
  }
}

absl::StatusOr<FileDescriptor> ConnectTo(const std::string& address,
                                         absl::Time deadline) {
  TUTTI_ASSIGN_OR_RETURN(const Address parsed, ParseAddress(address));
  TUTTI_ASSIGN_OR_RETURN(const AddressList list, Resolve(parsed));
  int error = EADDRNOTAVAIL;
  for (const addrinfo* to = list.get(); to != nullptr; to = to->ai_next) {
    FileDescriptor fd(
        socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    error = fd.valid() ? ConnectBy(fd.get(), *to, deadline) : errno;
    if (error == 0) return fd;
  }
  return ExplainConnectError(error, address);
}

// Who a certificate is for: "agent 'web01'".
std::string Describe(const Certificate& certificate) {
  const absl::StatusOr<Identity> identity = certificate.identity();
  if (!identity.ok()) return "somebody without an identity";
  return fmt::format("{} '{}' of fleet '{}'", RoleName(identity->role),
                     identity->name, identity->fleet);
}

std::string HowToRenew(const Certificate& certificate) {
  const absl::StatusOr<Identity> identity = certificate.identity();
  const Role role = identity.ok() ? identity->role : Role::kOperator;
  switch (role) {
    case Role::kAgent:
      return "enrol this host again with tutti-agent enroll and a new token";
    case Role::kBootstrap:
      return "make a new token with tutti token create";
    case Role::kDelegate:
      return "start the local job anew, with a longer --delegate-for";
    default:
      return "have a new one issued";
  }
}

absl::Status CheckOwnCertificate(const ClientTls& tls, absl::Time now) {
  TUTTI_ASSIGN_OR_RETURN(const Certificate own,
                         Certificate::FromPem(tls.certificates_pem));
  if (now > own.not_after()) {
    return absl::UnauthenticatedError(
        fmt::format("our own certificate ({}) expired on {}; {}", Describe(own),
                    FormatDate(own.not_after()), HowToRenew(own)));
  }
  if (now < own.not_before()) {
    return absl::UnauthenticatedError(fmt::format(
        "our own certificate ({}) is not valid before {}; check this host's "
        "clock",
        Describe(own), FormatDate(own.not_before())));
  }
  return absl::OkStatus();
}

absl::Status ExplainServerCertificate(const TlsProbe& probe,
                                      const std::string& address) {
  const std::string who =
      probe.server.has_value() ? Describe(*probe.server) : "nobody";
  switch (probe.verify_error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return Unavailable(
          "the certificate of the controller at {} expired on {}; restart "
          "tutti-controller there, which renews it",
          address, FormatDate(probe.server->not_after()));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Unavailable(
          "the certificate of the controller at {} is not valid before {}; "
          "check the clocks of both hosts",
          address, FormatDate(probe.server->not_before()));
    case X509_V_ERR_INVALID_PURPOSE:
      return PermissionDenied(
          "the server at {} shows the certificate of {}, which is no "
          "controller's; check the address",
          address, who);
    case X509_V_ERR_PERMITTED_VIOLATION:
      return PermissionDenied(
          "the certificate of the server at {} names {}, which its authority "
          "may not issue; do not trust that server",
          address, who);
    default:
      return PermissionDenied(
          "the server at {} has a certificate of another authority ({}); "
          "check the address, and that controller_authority is this fleet's",
          address, who);
  }
}

absl::Status CheckServerIdentity(const TlsProbe& probe, const ClientTls& tls,
                                 const std::string& address) {
  const absl::StatusOr<Identity> identity = probe.server->identity();
  if (identity.ok() && identity->role == Role::kController &&
      identity->fleet == tls.fleet) {
    return absl::OkStatus();
  }
  return PermissionDenied(
      "the server at {} shows the certificate of {}, not of a controller of "
      "fleet '{}'; check the address",
      address, Describe(*probe.server), tls.fleet);
}

absl::Status ExplainProbe(const TlsProbe& probe, const ClientTls& tls,
                          const std::string& address) {
  switch (probe.result) {
    case TlsProbe::Result::kNotTls:
      return Unavailable(
          "{} speaks plain text, not TLS; check the port, Tutti never speaks "
          "without TLS",
          address);
    case TlsProbe::Result::kServerRefused:
      return ExplainServerCertificate(probe, address);
    case TlsProbe::Result::kClientRefused:
      return absl::UnauthenticatedError(fmt::format(
          "the controller at {} refuses our certificate; use one that an "
          "authority of fleet '{}' issued",
          address, tls.fleet));
    case TlsProbe::Result::kTimedOut:
      return Unavailable(
          "{} takes the connection but says nothing; check that it is a "
          "tutti-controller, and its load",
          address);
    case TlsProbe::Result::kClosed:
      return Unavailable(
          "{} ends the connection before it shows a certificate; check that "
          "it is a tutti-controller",
          address);
    case TlsProbe::Result::kBadCredentials:
      return InvalidArgument(
          "our own certificate, its key or controller_authority can not be "
          "used; check the configured files");
    case TlsProbe::Result::kAccepted:
      break;
  }
  TUTTI_RETURN_IF_ERROR(CheckServerIdentity(probe, tls, address));
  return Unavailable("the controller at {} can be reached by now; try again",
                     address);
}

}  // namespace

absl::Status ExplainConnectFailure(const std::string& address,
                                   const ClientTls& tls,
                                   absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  TUTTI_RETURN_IF_ERROR(CheckOwnCertificate(tls, absl::Now()));
  TUTTI_ASSIGN_OR_RETURN(const FileDescriptor fd, ConnectTo(address, deadline));
  return ExplainProbe(ProbeTls(fd.get(), tls, deadline), tls, address);
}

}  // namespace tutti
