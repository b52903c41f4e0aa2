#include "controller/cli/follow/query_rows.h"

#include <utility>

namespace tutti::cli {
namespace {

// A value as v1::Query has it.
bool IsValue(const Json& value) {
  if (value.is_object()) {
    return value.size() == 1 && value.contains("base64") &&
           value["base64"].is_string();
  }
  return value.is_primitive() && !value.is_boolean();
}

bool AreStrings(const Json& list) {
  if (!list.is_array()) return false;
  for (const Json& entry : list) {
    if (!entry.is_string()) return false;
  }
  return true;
}

}  // namespace

void QueryRows::Append(std::string_view text, const Callbacks& callbacks) {
  for (size_t end = text.find('\n'); end != text.npos; end = text.find('\n')) {
    if (unfinished_.empty()) {
      TakeLine(text.substr(0, end), callbacks);
    } else {
      unfinished_ += text.substr(0, end);
      TakeLine(std::exchange(unfinished_, {}), callbacks);
    }
    text.remove_prefix(end + 1);
  }
  unfinished_ += text;
}

void QueryRows::TakeLine(std::string_view line, const Callbacks& callbacks) {
  Json value = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (columns_.empty()) {
    if (!TakeColumns(value)) callbacks.on_mistake(line);
    return;
  }
  bool good = value.is_array() && value.size() == columns_.size();
  for (size_t i = 0; good && i < value.size(); ++i) good = IsValue(value[i]);
  if (!good) return callbacks.on_mistake(line);
  if (callbacks.on_row) callbacks.on_row(value);
  rows_.push_back(std::move(value));
}

bool QueryRows::TakeColumns(const Json& header) {
  if (!header.is_object() || !header.contains("columns") ||
      !header.contains("types")) {
    return false;
  }
  const Json& names = header["columns"];
  const Json& types = header["types"];
  if (!AreStrings(names) || !AreStrings(types) ||
      names.size() != types.size()) {
    return false;
  }
  for (size_t i = 0; i < names.size(); ++i) {
    columns_.push_back({names[i], types[i]});
  }
  return true;
}

}  // namespace tutti::cli
