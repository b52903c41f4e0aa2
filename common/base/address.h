// "host:port", as people write it.
#ifndef COMMON_BASE_ADDRESS_H_
#define COMMON_BASE_ADDRESS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tutti {

struct Address {
  // A name or an IP address, IPv6 without its brackets.
  std::string host;
  uint16_t port = 0;

  // The inverse of ParseAddress.
  std::string ToString() const;
};

// "controller.example:7117", "192.0.2.7:7117", "[::1]:7117". Port 0 is
// allowed: a listener takes it for "any".
absl::StatusOr<Address> ParseAddress(std::string_view text);

}  // namespace tutti

#endif  // COMMON_BASE_ADDRESS_H_
