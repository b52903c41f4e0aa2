// Files of utmp(5) that a test makes up.
#ifndef TESTS_UNIT_QUERY_LOGIN_RECORD_FILE_H_
#define TESTS_UNIT_QUERY_LOGIN_RECORD_FILE_H_

#include <utmp.h>

#include <string>
#include <string_view>

namespace tutti::query {

// One record, of the terminal pts/0.
inline std::string LoginRecordBytes(short type, int pid, std::string_view user,
                                    std::string_view host, int time) {
  utmp record = {};
  record.ut_type = type;
  record.ut_pid = pid;
  std::string_view("pts/0").copy(record.ut_line, sizeof record.ut_line);
  user.copy(record.ut_user, sizeof record.ut_user);
  host.copy(record.ut_host, sizeof record.ut_host);
  record.ut_tv.tv_sec = time;
  return std::string(reinterpret_cast<const char*>(&record), sizeof record);
}

}  // namespace tutti::query

#endif  // TESTS_UNIT_QUERY_LOGIN_RECORD_FILE_H_
