#include "common/base/address.h"

#include <charconv>
#include <string>
#include <string_view>

#include "common/base/ascii.h"
#include "common/base/errors.h"

namespace tutti {
namespace {

bool IsHostCharacter(char c, bool bracketed) {
  if (IsDigit(c) || IsLetter(c)) return true;
  if (bracketed) return c == ':' || c == '.' || c == '%';
  return c == '.' || c == '-' || c == '_';
}

bool IsHost(std::string_view host, bool bracketed) {
  if (host.empty()) return false;
  for (const char c : host) {
    if (!IsHostCharacter(c, bracketed)) return false;
  }
  return true;
}

}  // namespace

std::string Address::ToString() const {
  return host.find(':') == std::string::npos
             ? fmt::format("{}:{}", host, port)
             : fmt::format("[{}]:{}", host, port);
}

absl::StatusOr<Address> ParseAddress(std::string_view text) {
  const absl::Status malformed = InvalidArgument(
      "'{}' is not an address; write host:port, as in controller.example:7117 "
      "or [2001:db8::1]:7117",
      text);
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return malformed;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const bool bracketed =
      host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  Address address;
  const auto [end, error] =
      std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (!IsHost(host, bracketed) || port.empty() || error != std::errc() ||
      end != port.data() + port.size()) {
    return malformed;
  }
  address.host = host;
  return address;
}

}  // namespace tutti
