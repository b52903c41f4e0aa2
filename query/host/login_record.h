// Records of who logged in (utmp(5)).
#ifndef QUERY_HOST_LOGIN_RECORD_H_
#define QUERY_HOST_LOGIN_RECORD_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tutti::query {

struct LoginRecord {
  // ut_type
  int type = 0;
  int64_t pid = 0;
  std::string tty;
  std::string user;
  std::string host;
  // Seconds since 1970.
  int64_t time = 0;
};

// Of a file such as /var/log/wtmp, in its order. A record that is cut off at
// the end is left out.
std::vector<LoginRecord> DecodeLoginRecords(std::string_view bytes);

}  // namespace tutti::query

#endif  // QUERY_HOST_LOGIN_RECORD_H_
