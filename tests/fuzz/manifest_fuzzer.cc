// Manifests of kinds, and parameters for them: neither may bring a runner down.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/kinds/manifest.h"
#include "common/kinds/parameter_values.h"
#include "tests/fuzz/expectation.h"

// The text up to a NUL byte is the manifest, the rest parameters.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t end = text.find('\0');
  const auto manifest = tutti::ParseManifest(text.substr(0, end), "/k/f.yaml");
  if (!manifest.ok()) return 0;
  const auto json = tutti::ParametersToJson(*manifest);
  tutti::Manifest again = *manifest;
  again.parameters = tutti::ParametersFromJson(json);
  tutti::testing::Expect(tutti::ParametersToJson(again) == json,
                         "parameters come back as they were");
  const auto given =
      tutti::ParseParameterObject(end == text.npos ? "" : text.substr(end + 1));
  if (!given.ok()) return 0;
  const auto values = tutti::CompleteValues(*manifest, *given, {});
  if (!values.ok()) return 0;
  // Given once more they fit, but for secrets.
  tutti::testing::Expect(tutti::ConvertValues(*manifest, *values).ok(),
                         "what was converted fits");
  return 0;
}
