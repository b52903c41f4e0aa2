// Configuration files: yaml-cpp throws, and nothing of that may come through.
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/configuration/yaml_file.h"

namespace tutti::testing {
namespace {

// Every type of every key, nested ones a few levels deep.
void ReadEverything(YamlMap& map, int depth) {
  for (const std::string& key : map.Keys()) {
    std::string text;
    bool flag = false;
    uint32_t number = 0;
    uint64_t size = 0;
    absl::Duration duration;
    std::vector<std::string> list;
    std::map<std::string, std::string> mapping;
    map.Get(key, text);
    map.Get(key, flag);
    map.Get(key, number);
    map.Get(key, size);
    map.GetSize(key, size);
    map.Get(key, duration);
    map.Get(key, list);
    map.Get(key, mapping);
    // Aliases make a small file large.
    if (depth == 0) continue;
    YamlMap nested = map.GetMap(key);
    ReadEverything(nested, depth - 1);
  }
}

}  // namespace
}  // namespace tutti::testing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  absl::StatusOr<tutti::YamlMap> map = tutti::YamlMap::Parse(text, "f.yaml");
  if (!map.ok()) return 0;
  tutti::testing::ReadEverything(*map, 2);
  map->Require("fleet");
  map->Finish().IgnoreError();
  return 0;
}
