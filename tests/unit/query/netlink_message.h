// Messages of rtnetlink(7) that a test makes up.
#ifndef TESTS_UNIT_QUERY_NETLINK_MESSAGE_H_
#define TESTS_UNIT_QUERY_NETLINK_MESSAGE_H_

#include <linux/rtnetlink.h>

#include <string>
#include <string_view>

namespace tutti::query {

template <typename T>
std::string BytesOf(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(T)};
}

// With what fills it up to four bytes.
inline std::string Attribute(int type, std::string_view bytes) {
  rtattr header = {};
  header.rta_len = static_cast<unsigned short>(RTA_LENGTH(bytes.size()));
  header.rta_type = static_cast<unsigned short>(type);
  std::string text = BytesOf(header) + std::string(bytes);
  text.resize(RTA_ALIGN(text.size()));
  return text;
}

}  // namespace tutti::query

#endif  // TESTS_UNIT_QUERY_NETLINK_MESSAGE_H_
