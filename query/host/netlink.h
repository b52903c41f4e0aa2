// Questions to the kernel about its network (rtnetlink(7)).
#ifndef QUERY_HOST_NETLINK_H_
#define QUERY_HOST_NETLINK_H_

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/status/statusor.h"

namespace tutti::query {

// What the kernel answers to a dump of `request` (RTM_GETLINK, ...), of all
// families of addresses: the messages behind their common header.
absl::StatusOr<std::vector<std::string>> DumpNetlink(uint16_t request);

// Absent: `bytes` are too few.
template <typename T>
std::optional<T> ReadAs(std::string_view bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

// Attributes at the end of a message; views into it.
class NetlinkAttributes {
 public:
  explicit NetlinkAttributes(std::string_view bytes);

  std::optional<std::string_view> Find(uint16_t type) const;
  // Absent also where it is too short.
  template <typename T>
  std::optional<T> FindAs(uint16_t type) const {
    const auto bytes = Find(type);
    return bytes.has_value() ? ReadAs<T>(*bytes) : std::nullopt;
  }
  // Without the NUL behind it.
  std::optional<std::string> FindText(uint16_t type) const;
  // In the notation of its family (inet_ntop(3)).
  std::optional<std::string> FindAddress(uint16_t type, int family) const;

 private:
  struct Attribute {
    uint16_t type;
    std::string_view bytes;
  };
  std::vector<Attribute> attributes_;
};

// Absent: `bytes` are no address of `family`.
std::optional<std::string> FormatAddress(std::string_view bytes, int family);

}  // namespace tutti::query

#endif  // QUERY_HOST_NETLINK_H_
