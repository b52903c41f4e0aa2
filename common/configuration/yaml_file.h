// Reading YAML configuration so that every mistake is named with file, line
// and key.
#ifndef COMMON_CONFIGURATION_YAML_FILE_H_
#define COMMON_CONFIGURATION_YAML_FILE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tutti {

// One mapping of a YAML file. Getters take what is there and collect
// mistakes; Finish reports them, unknown keys included. Not thread-safe.
//
//   TUTTI_ASSIGN_OR_RETURN(YamlMap map, YamlMap::Load(path));
//   map.Get("listen", config.listen);
//   map.Get("renew_at", config.renew_at);
//   TUTTI_RETURN_IF_ERROR(map.Finish());
class YamlMap {
 public:
  // NOT_FOUND, or INVALID_ARGUMENT with line and column.
  static absl::StatusOr<YamlMap> Load(const std::string& path);
  // `name` stands for the path in messages.
  static absl::StatusOr<YamlMap> Parse(std::string_view text, std::string name);
  ~YamlMap();
  YamlMap(YamlMap&&) noexcept;
  YamlMap& operator=(YamlMap&&) noexcept;

  // Each leaves `value` alone when the key is absent; the result says whether
  // it was there and good.
  bool Get(std::string_view key, std::string& value);
  bool Get(std::string_view key, bool& value);
  bool Get(std::string_view key, uint32_t& value);
  bool Get(std::string_view key, uint64_t& value);
  bool Get(std::string_view key, absl::Duration& value);  // "10m"
  bool GetSize(std::string_view key, uint64_t& bytes);    // "64MiB"
  // A list, or a single string as a list of one.
  bool Get(std::string_view key, std::vector<std::string>& value);
  bool Get(std::string_view key, std::map<std::string, std::string>& value);
  // A nested mapping; an empty one when the key is absent. Its mistakes are
  // reported by this map's Finish.
  YamlMap GetMap(std::string_view key);
  // A list of mappings; empty when the key is absent. Their mistakes are
  // reported likewise.
  std::vector<YamlMap> GetMaps(std::string_view key);
  // Keys of this mapping, in order: for mappings whose keys are names.
  std::vector<std::string> Keys() const;
  // Records that `key` must be there.
  void Require(std::string_view key);
  // Records a mistake of the caller's own about the value of `key`.
  void AddMistake(std::string_view key, std::string_view text);

  // OK, or INVALID_ARGUMENT with one line for each mistake:
  // "FILE:LINE: key 'listen': ...". Unknown keys are mistakes, with the
  // nearest known key.
  absl::Status Finish();

 private:
  struct State;
  explicit YamlMap(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tutti

#endif  // COMMON_CONFIGURATION_YAML_FILE_H_
