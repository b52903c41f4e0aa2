#include "controller/cli/run/parameter_table.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "common/base/ascii.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/named_value.h"
#include "common/base/status_macros.h"
#include "common/targets/node_set.h"
#include "common/targets/target_expression.h"
#include "common/text/lines.h"
#include "common/text/shell_words.h"
#include "controller/cli/output.h"

namespace tutti::cli {
namespace {

constexpr char kTargetKey[] = "target";
// Of JSON within each other.
constexpr int kMostLevels = 100;

// One line of the file.
struct Entry {
  std::string targets;
  // By name, in upper case.
  std::map<std::string, std::string> variables;
};

absl::Status AddVariable(std::string_view name, std::string value,
                         Entry& entry) {
  std::string upper(name);
  for (char& c : upper) c = ToUpper(c);
  TUTTI_RETURN_IF_ERROR(CheckParameterName(upper));
  if (entry.variables.emplace(upper, std::move(value)).second) {
    return absl::OkStatus();
  }
  return InvalidArgument(
      "'{}' is there twice (upper and lower case are the same); give it once",
      name);
}

absl::StatusOr<Entry> ParseWords(std::string_view line) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> words,
                         ShellWords(line));
  Entry entry;
  entry.targets = words[0];
  for (size_t i = 1; i < words.size(); ++i) {
    TUTTI_ASSIGN_OR_RETURN(NamedValue variable, ParseNamedValue(words[i]));
    TUTTI_RETURN_IF_ERROR(
        AddVariable(variable.name, std::move(variable.value), entry));
  }
  return entry;
}

// Keys that are there twice are lost when it is parsed.
absl::StatusOr<Json> ParseObject(std::string_view line) {
  std::set<std::string> keys;
  std::string repeated;
  int deepest = 0;
  const auto note = [&](int depth, Json::parse_event_t event, Json& value) {
    deepest = std::max(deepest, depth);
    if (depth == 1 && event == Json::parse_event_t::key &&
        !keys.insert(value.get<std::string>()).second) {
      repeated = value.get<std::string>();
    }
    return true;
  };
  Json object = Json::parse(line, note, /*allow_exceptions=*/false);
  if (!object.is_object() || deepest > kMostLevels) {
    return InvalidArgument(
        "this is no JSON object; write it like {{\"target\": \"web01\", "
        "\"port\": 8080}}");
  }
  if (repeated.empty()) return object;
  return InvalidArgument("'{}' is there twice; give it once", repeated);
}

absl::StatusOr<Entry> ParseJson(std::string_view line) {
  TUTTI_ASSIGN_OR_RETURN(const Json object, ParseObject(line));
  Entry entry;
  for (const auto& [name, value] : object.items()) {
    if (name == kTargetKey) {
      if (value.is_string()) entry.targets = value.get<std::string>();
      continue;
    }
    if (value.is_null()) {
      return InvalidArgument("'{}' has no value; give one, or leave it out",
                             name);
    }
    TUTTI_RETURN_IF_ERROR(AddVariable(
        name, value.is_string() ? value.get<std::string>() : value.dump(),
        entry));
  }
  if (!entry.targets.empty()) return entry;
  return InvalidArgument(
      "it does not say whom it is about; add \"target\": \"NAME\"");
}

absl::StatusOr<std::string> Serialize(const Entry& entry) {
  v1::TargetParameters parameters;
  for (const auto& [name, value] : entry.variables) {
    v1::EnvironmentVariable& variable = *parameters.add_variables();
    variable.set_name(name);
    variable.set_value(value);
  }
  std::string serialized = parameters.SerializeAsString();
  TUTTI_RETURN_IF_ERROR(
      WithPrefix("the parameters", ParseParameters(serialized).status()));
  return serialized;
}

}  // namespace

absl::Status ParameterTable::AddLine(size_t line_number,
                                     std::string_view line) {
  TUTTI_ASSIGN_OR_RETURN(const Entry entry,
                         line[0] == '{' ? ParseJson(line) : ParseWords(line));
  TUTTI_ASSIGN_OR_RETURN(const TargetExpression expression,
                         TargetExpression::Parse(entry.targets));
  if (!expression.IsPlain()) {
    return InvalidArgument(
        "'{}' stands for whoever there is; write names, as in web[01-20]",
        entry.targets);
  }
  Line stored;
  stored.number = line_number;
  TUTTI_ASSIGN_OR_RETURN(stored.parameters, Serialize(entry));
  for (const std::string& target : expression.PlainNames()) {
    const auto [found, added] = by_target_.emplace(target, lines_.size());
    if (added) continue;
    return InvalidArgument(
        "{} has its parameters in line {} already; leave "
        "one of the two out",
        target, lines_[found->second].number);
  }
  lines_.push_back(std::move(stored));
  return absl::OkStatus();
}

absl::StatusOr<ParameterTable> ParameterTable::Parse(std::string_view path,
                                                     std::string_view content) {
  ParameterTable table;
  table.path_ = path;
  for (size_t line_number = 1; !content.empty(); ++line_number) {
    const std::string_view line = Trimmed(TakeLine(content));
    if (line.empty() || line[0] == '#') continue;
    const absl::Status added = table.AddLine(line_number, line);
    if (!added.ok()) {
      return WithPrefix(fmt::format("--per-target: {}:{}", path, line_number),
                        added);
    }
  }
  if (!table.lines_.empty()) return table;
  return InvalidArgument(
      "--per-target: {} names no target; write one a line, as in `web01 "
      "port=8080`",
      path);
}

absl::StatusOr<ParameterTable> ParameterTable::Read(const std::string& path) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
  return Parse(path, content);
}

ParameterTable ParameterTable::Of(const std::vector<std::string>& targets,
                                  const ParameterList& list) {
  ParameterTable table;
  for (const std::string& target : targets) {
    table.by_target_.emplace(target, table.lines_.size());
    table.lines_.push_back({0, std::string(ParametersOf(list, target))});
  }
  return table;
}

std::vector<std::string> ParameterTable::Targets() const {
  std::vector<std::string> targets;
  targets.reserve(by_target_.size());
  for (const auto& [target, unused] : by_target_) targets.push_back(target);
  std::sort(targets.begin(), targets.end());
  return targets;
}

absl::StatusOr<ParameterList> ParameterTable::Select(
    const std::vector<std::string>& names) const {
  ParameterList list;
  std::vector<std::string> missing;
  for (const std::string& name : names) {
    const auto found = by_target_.find(name);
    if (found == by_target_.end()) {
      missing.push_back(name);
      continue;
    }
    const std::string& parameters = lines_[found->second].parameters;
    if (parameters.empty()) continue;
    v1::JobParameters& entry = *list.Add();
    entry.set_target(name);
    entry.set_parameters(parameters);
  }
  if (missing.empty()) {
    TUTTI_RETURN_IF_ERROR(
        WithPrefix("--per-target", CheckParameterList(list, names)));
    return list;
  }
  return InvalidArgument(
      "--per-target: {} has no line for {}; add one a target, or leave them "
      "out with -x",
      path_, FoldNames(missing));
}

}  // namespace tutti::cli
