#include "common/configuration/yaml_file.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <set>
#include <sstream>
#include <system_error>
#include <utility>

#include "common/base/closest.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"

namespace tutti {
namespace {

constexpr size_t kMaxFileBytes = 16 << 20;

struct Mistake {
  int line = 0;
  std::string text;
};

struct Entry {
  std::string key;
  int line = 0;
  YAML::Node value;
};

// One mapping, and what was asked of it.
struct Mapping {
  // Before its keys in messages: "tls." for the mapping under 'tls'.
  std::string prefix;
  int line = 1;
  std::vector<Entry> entries;
  std::set<std::string, std::less<>> known;
  // Its keys are names that the caller lists: none is unknown.
  bool any_key = false;
  std::vector<Mistake> mistakes;
  // Shared with the YamlMap that GetMap returned: the caller may be done with
  // that one before this mapping reports its mistakes.
  std::vector<std::shared_ptr<Mapping>> children;
};

int LineOf(const YAML::Node& node, int otherwise) {
  const YAML::Mark mark = node.Mark();
  return mark.is_null() ? otherwise : mark.line + 1;
}

std::string_view KindOf(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Scalar:
      return "a single value";
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Map:
      return "a mapping";
    default:
      return "nothing";
  }
}

void AddMistakeTo(Mapping& mapping, int line, std::string_view key,
                  std::string_view text) {
  mapping.mistakes.push_back(
      {line, fmt::format("key '{}{}': {}", mapping.prefix, key, text)});
}

void ReadEntries(const YAML::Node& node, Mapping& mapping) {
  mapping.line = LineOf(node, mapping.line);
  std::set<std::string> seen;
  for (const auto& pair : node) {
    const int line = LineOf(pair.first, mapping.line);
    if (!pair.first.IsScalar()) {
      AddMistakeTo(mapping, line, "",
                   fmt::format("a key must be a word, this is {}; write "
                               "'key: value'",
                               KindOf(pair.first)));
      continue;
    }
    const std::string& key = pair.first.Scalar();
    if (!seen.insert(key).second) {
      AddMistakeTo(mapping, line, key, "is there twice; remove one of them");
      continue;
    }
    mapping.entries.push_back({key, line, pair.second});
  }
}

const Entry* FindEntry(Mapping& mapping, std::string_view key) {
  mapping.known.emplace(key);
  const auto found =
      std::find_if(mapping.entries.begin(), mapping.entries.end(),
                   [key](const Entry& entry) { return entry.key == key; });
  return found == mapping.entries.end() ? nullptr : &*found;
}

// The text of a single value; a mistake is noted when it is something else.
std::optional<std::string> ScalarOf(Mapping& mapping, std::string_view key,
                                    const YAML::Node& value, int line) {
  if (value.IsScalar()) return value.Scalar();
  AddMistakeTo(mapping, line, key,
               fmt::format("{} where a single value is expected; write "
                           "'{}: VALUE'",
                           KindOf(value), key));
  return std::nullopt;
}

struct FoundScalar {
  std::string text;
  int line = 0;
};

std::optional<FoundScalar> FindScalar(Mapping& mapping, std::string_view key) {
  const Entry* entry = FindEntry(mapping, key);
  if (entry == nullptr) return std::nullopt;
  std::optional<std::string> text =
      ScalarOf(mapping, key, entry->value, entry->line);
  if (!text.has_value()) return std::nullopt;
  return FoundScalar{*std::move(text), entry->line};
}

// A value that `parse` makes of the key's text; its error is the mistake.
template <typename Value, typename Parse>
bool GetParsed(Mapping& mapping, std::string_view key, Value& value,
               Parse parse) {
  const std::optional<FoundScalar> found = FindScalar(mapping, key);
  if (!found.has_value()) return false;
  absl::StatusOr<Value> parsed = parse(found->text);
  if (!parsed.ok()) {
    AddMistakeTo(mapping, found->line, key, TextOf(parsed.status()));
    return false;
  }
  value = *std::move(parsed);
  return true;
}

absl::StatusOr<bool> ParseBool(std::string_view text) {
  if (text == "true" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "no" || text == "off") return false;
  return InvalidArgument("'{}' is neither true nor false; write one of them",
                         text);
}

template <typename Integer>
absl::StatusOr<Integer> ParseInteger(std::string_view text) {
  Integer value = 0;
  const char* end = text.data() + text.size();
  const std::from_chars_result result =
      std::from_chars(text.data(), end, value);
  if (result.ec == std::errc() && result.ptr == end) return value;
  return InvalidArgument("'{}' is not a whole number from 0 to {}; write one",
                         text, std::numeric_limits<Integer>::max());
}

void CollectMistakes(const Mapping& mapping, std::vector<Mistake>& mistakes) {
  mistakes.insert(mistakes.end(), mapping.mistakes.begin(),
                  mapping.mistakes.end());
  const std::vector<std::string> known(mapping.known.begin(),
                                       mapping.known.end());
  for (const Entry& entry : mapping.entries) {
    if (mapping.any_key || mapping.known.contains(entry.key)) continue;
    const std::optional<std::string> closest = Closest(entry.key, known);
    const std::string remedy =
        closest.has_value()
            ? fmt::format("did you mean '{}'?", *closest)
            : fmt::format("known keys here: {}", fmt::join(known, ", "));
    mistakes.push_back(
        {entry.line, fmt::format("key '{}{}': unknown; {}", mapping.prefix,
                                 entry.key, remedy)});
  }
  for (const std::shared_ptr<Mapping>& child : mapping.children) {
    CollectMistakes(*child, mistakes);
  }
}

// The mapping that `value`, which stands under `key`, is. Its mistakes are
// those of `mapping`.
std::shared_ptr<Mapping> AddChild(Mapping& mapping, std::string_view key,
                                  int line, const YAML::Node& value) {
  auto child = std::make_shared<Mapping>();
  child->prefix = fmt::format("{}{}.", mapping.prefix, key);
  child->line = line;
  mapping.children.push_back(child);
  if (value.IsMap()) {
    ReadEntries(value, *child);
  } else if (!value.IsNull()) {
    AddMistakeTo(mapping, line, key,
                 fmt::format("{} where a mapping is expected; write "
                             "'key: value' lines under it",
                             KindOf(value)));
  }
  return child;
}

// Notes where a document begins and nothing else.
class DocumentStart final : public YAML::EventHandler {
 public:
  int line() const { return line_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    line_ = mark.line + 1;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  int line_ = 1;
};

// YAML::Load stops without a word at the end of the first document, which a
// stray ',' is enough for; YAML::LoadAll never ends at one.
absl::Status CheckSingleDocument(const std::string& text,
                                 const std::string& name) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentStart start;
  parser.HandleNextDocument(start);
  if (!parser.HandleNextDocument(start)) return absl::OkStatus();
  return InvalidArgument(
      "{}:{}: what begins here is left over or a second document; write "
      "'key: value' lines alone, without '---'",
      name, start.line());
}

// The single document of `text`; what yaml-cpp throws ends here.
absl::StatusOr<YAML::Node> ParseDocument(const std::string& text,
                                         const std::string& name) {
  try {
    YAML::Node node = YAML::Load(text);
    TUTTI_RETURN_IF_ERROR(CheckSingleDocument(text, name));
    return node;
  } catch (const YAML::Exception& exception) {
    return InvalidArgument("{}:{}:{}: not YAML: {}", name,
                           exception.mark.line + 1, exception.mark.column + 1,
                           exception.msg);
  } catch (const std::exception& exception) {
    return InvalidArgument("{}:1: not YAML: {}", name, exception.what());
  }
}

}  // namespace

struct YamlMap::State {
  std::string name;
  std::shared_ptr<Mapping> mapping;
};

YamlMap::YamlMap(std::unique_ptr<State> state) : state_(std::move(state)) {}
YamlMap::~YamlMap() = default;
YamlMap::YamlMap(YamlMap&&) noexcept = default;
YamlMap& YamlMap::operator=(YamlMap&&) noexcept = default;

absl::StatusOr<YamlMap> YamlMap::Load(const std::string& path) {
  TUTTI_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxFileBytes));
  return Parse(text, path);
}

absl::StatusOr<YamlMap> YamlMap::Parse(std::string_view text,
                                       std::string name) {
  TUTTI_ASSIGN_OR_RETURN(const YAML::Node node,
                         ParseDocument(std::string(text), name));
  if (!node.IsMap() && !node.IsNull()) {
    return InvalidArgument(
        "{}:{}: {} where 'key: value' lines are expected; write them", name,
        LineOf(node, 1), KindOf(node));
  }
  auto state = std::make_unique<State>();
  state->name = std::move(name);
  state->mapping = std::make_shared<Mapping>();
  if (node.IsMap()) ReadEntries(node, *state->mapping);
  return YamlMap(std::move(state));
}

bool YamlMap::Get(std::string_view key, std::string& value) {
  return GetParsed(*state_->mapping, key, value,
                   [](std::string_view text) -> absl::StatusOr<std::string> {
                     return std::string(text);
                   });
}

bool YamlMap::Get(std::string_view key, bool& value) {
  return GetParsed(*state_->mapping, key, value, ParseBool);
}

bool YamlMap::Get(std::string_view key, uint32_t& value) {
  return GetParsed(*state_->mapping, key, value, ParseInteger<uint32_t>);
}

bool YamlMap::Get(std::string_view key, uint64_t& value) {
  return GetParsed(*state_->mapping, key, value, ParseInteger<uint64_t>);
}

bool YamlMap::Get(std::string_view key, absl::Duration& value) {
  return GetParsed(*state_->mapping, key, value, ParseDuration);
}

bool YamlMap::GetSize(std::string_view key, uint64_t& bytes) {
  return GetParsed(*state_->mapping, key, bytes, ParseSize);
}

bool YamlMap::Get(std::string_view key, std::vector<std::string>& value) {
  Mapping& mapping = *state_->mapping;
  const Entry* entry = FindEntry(mapping, key);
  if (entry == nullptr) return false;
  std::vector<std::string> list;
  if (!entry->value.IsSequence()) {
    std::optional<std::string> single =
        ScalarOf(mapping, key, entry->value, entry->line);
    if (!single.has_value()) return false;
    value = {*std::move(single)};
    return true;
  }
  for (const auto& element : entry->value) {
    std::optional<std::string> text =
        ScalarOf(mapping, key, element, LineOf(element, entry->line));
    if (!text.has_value()) return false;
    list.push_back(*std::move(text));
  }
  value = std::move(list);
  return true;
}

bool YamlMap::Get(std::string_view key,
                  std::map<std::string, std::string>& value) {
  const Entry* entry = FindEntry(*state_->mapping, key);
  if (entry == nullptr) return false;
  const bool is_map = entry->value.IsMap() || entry->value.IsNull();
  YamlMap map = GetMap(key);
  std::map<std::string, std::string> result;
  for (const std::string& name : map.Keys()) map.Get(name, result[name]);
  if (!is_map || !map.state_->mapping->mistakes.empty()) return false;
  value = std::move(result);
  return true;
}

YamlMap YamlMap::GetMap(std::string_view key) {
  Mapping& mapping = *state_->mapping;
  auto state = std::make_unique<State>();
  state->name = state_->name;
  const Entry* entry = FindEntry(mapping, key);
  state->mapping =
      AddChild(mapping, key, entry == nullptr ? mapping.line : entry->line,
               entry == nullptr ? YAML::Node() : entry->value);
  return YamlMap(std::move(state));
}

std::vector<YamlMap> YamlMap::GetMaps(std::string_view key) {
  Mapping& mapping = *state_->mapping;
  std::vector<YamlMap> maps;
  const Entry* entry = FindEntry(mapping, key);
  if (entry == nullptr || entry->value.IsNull()) return maps;
  if (!entry->value.IsSequence()) {
    AddMistakeTo(mapping, entry->line, key,
                 fmt::format("{} where a list is expected; write '- key: "
                             "value' lines under it",
                             KindOf(entry->value)));
    return maps;
  }
  for (const YAML::Node& element : entry->value) {
    auto state = std::make_unique<State>();
    state->name = state_->name;
    state->mapping = AddChild(mapping, fmt::format("{}[{}]", key, maps.size()),
                              LineOf(element, entry->line), element);
    maps.push_back(YamlMap(std::move(state)));
  }
  return maps;
}

std::vector<std::string> YamlMap::Keys() const {
  state_->mapping->any_key = true;
  std::vector<std::string> keys;
  for (const Entry& entry : state_->mapping->entries) {
    keys.push_back(entry.key);
  }
  return keys;
}

void YamlMap::Require(std::string_view key) {
  Mapping& mapping = *state_->mapping;
  if (FindEntry(mapping, key) != nullptr) return;
  AddMistakeTo(mapping, mapping.line, key, "is missing; add it");
}

void YamlMap::AddMistake(std::string_view key, std::string_view text) {
  Mapping& mapping = *state_->mapping;
  const Entry* entry = FindEntry(mapping, key);
  AddMistakeTo(mapping, entry == nullptr ? mapping.line : entry->line, key,
               text);
}

absl::Status YamlMap::Finish() {
  std::vector<Mistake> mistakes;
  CollectMistakes(*state_->mapping, mistakes);
  if (mistakes.empty()) return absl::OkStatus();
  std::stable_sort(
      mistakes.begin(), mistakes.end(),
      [](const Mistake& a, const Mistake& b) { return a.line < b.line; });
  std::vector<std::string> lines;
  lines.reserve(mistakes.size());
  for (const Mistake& mistake : mistakes) {
    lines.push_back(
        fmt::format("{}:{}: {}", state_->name, mistake.line, mistake.text));
  }
  return InvalidArgument("{}", fmt::join(lines, "\n"));
}

}  // namespace tutti
