// A database of rpm that a test makes up.
#ifndef TESTS_UNIT_QUERY_RPM_FIXTURE_H_
#define TESTS_UNIT_QUERY_RPM_FIXTURE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/query/query_fixture.h"

namespace tutti::query {

// A header of a package, as rpm keeps it (rpm's hdrblob).
class RpmHeader {
 public:
  RpmHeader& Text(uint32_t tag, std::string_view text);
  RpmHeader& Number(uint32_t tag, uint32_t number);
  RpmHeader& LongNumber(uint32_t tag, uint64_t number);
  std::string Encode() const;

 private:
  RpmHeader& Add(uint32_t tag, uint32_t type, std::string_view data);

  uint32_t entries_ = 0;
  std::string index_, data_;
};

class RpmTest : public QueryTest {
 protected:
  struct Entry {
    std::string name;
    std::string header;
  };
  // `path` is of the host.
  void WriteDatabase(std::string_view path, const std::vector<Entry>& entries);
};

}  // namespace tutti::query

#endif  // TESTS_UNIT_QUERY_RPM_FIXTURE_H_
