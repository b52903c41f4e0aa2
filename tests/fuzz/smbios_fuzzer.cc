// The firmware's table of the machine: its vendor may have made mistakes.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "query/host/smbios.h"
#include "tests/fuzz/expectation.h"

namespace tutti::testing {
namespace {

bool Holds(std::string_view whole, std::string_view part) {
  const std::less_equal<const char*> before;
  return part.empty() ||
         (before(whole.data(), part.data()) &&
          before(part.data() + part.size(), whole.data() + whole.size()));
}

}  // namespace
}  // namespace tutti::testing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using tutti::testing::Expect;
  const std::string_view table(reinterpret_cast<const char*>(data), size);
  for (const auto& structure : tutti::query::ParseSmbios(table)) {
    const auto length = structure.Number(1, 1);
    Expect(length.has_value() && *length >= 4, "a structure has its header");
    Expect(!structure.Number(*length, 1).has_value(),
           "nothing stands behind its end");
    for (size_t offset = 0; offset <= *length; ++offset) {
      Expect(tutti::testing::Holds(table, structure.Text(offset)),
             "a text is of the table");
    }
  }
  return 0;
}
