#include "query/host/login_record.h"

#include <utmp.h>

#include <algorithm>
#include <cstring>

namespace tutti::query {
namespace {

// A field that is full has no zero at its end.
template <size_t size>
std::string FieldText(const char (&field)[size]) {
  return std::string(field, std::find(field, field + size, '\0'));
}

}  // namespace

std::vector<LoginRecord> DecodeLoginRecords(std::string_view bytes) {
  std::vector<LoginRecord> records;
  utmp raw;
  for (; bytes.size() >= sizeof raw; bytes.remove_prefix(sizeof raw)) {
    std::memcpy(&raw, bytes.data(), sizeof raw);
    LoginRecord& record = records.emplace_back();
    record.type = raw.ut_type;
    record.pid = raw.ut_pid;
    record.tty = FieldText(raw.ut_line);
    record.user = FieldText(raw.ut_user);
    record.host = FieldText(raw.ut_host);
    // 32 bits that last until 2106.
    record.time = static_cast<uint32_t>(raw.ut_tv.tv_sec);
  }
  return records;
}

}  // namespace tutti::query
