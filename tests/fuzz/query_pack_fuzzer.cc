// Packs are files that come from elsewhere.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "query/pack/pack.h"
#include "tests/fuzz/expectation.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using tutti::testing::Expect;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<tutti::query::Pack> pack = tutti::query::ParsePack(text);
  if (!pack.ok()) {
    Expect(!pack.status().message().empty(), "a refusal says why");
    return 0;
  }
  Expect(!pack->queries.empty(), "a pack has a query for Linux");
  tutti::query::AllHaveRows(pack->discovery);
  return 0;
}
