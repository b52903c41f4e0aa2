// Join tokens come from files that people copy around.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/identity/join_token.h"
#include "tests/fuzz/expectation.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using tutti::testing::Expect;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<tutti::JoinToken> token = tutti::ParseJoinToken(text);
  if (!token.ok()) return 0;
  Expect(!token->controllers.empty(), "a token names a controller");
  const absl::StatusOr<tutti::JoinToken> again =
      tutti::ParseJoinToken(tutti::FormatJoinToken(*token));
  Expect(again.ok(), "what is written can be read");
  Expect(again->id == token->id && again->fleet == token->fleet &&
             again->controllers == token->controllers,
         "what is written is what was read");
  return 0;
}
