#include "query/pack/relaxed_json.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/text/lines.h"

namespace tutti::query {
namespace {

using Json = nlohmann::ordered_json;

// A recursion goes as deep where a value is copied or ends.
constexpr size_t kMostLevels = 32;

// Plain JSON, and where each part of it stood.
class PlainText {
 public:
  explicit PlainText(std::string_view text) {
    for (size_t line = 1; !text.empty(); ++line) {
      std::string_view content = TakeLine(text);
      if (content.ends_with('\r')) content.remove_suffix(1);
      const bool goes_on = content.ends_with('\\');
      if (goes_on) content.remove_suffix(1);
      AddLine(line, content, goes_on);
    }
  }

  const std::string& text() const { return text_; }

  // Counts from 1.
  size_t LineOf(size_t offset) const {
    const auto after = std::upper_bound(
        parts_.begin(), parts_.end(), offset,
        [](size_t at, const Part& part) { return at < part.offset; });
    return after == parts_.begin() ? 1 : std::prev(after)->line;
  }

 private:
  struct Part {
    size_t offset;
    size_t line;
  };

  void AddLine(size_t line, std::string_view content, bool goes_on) {
    if (!joined_) {
      const std::string_view begin = Trimmed(content);
      comment_ = begin.starts_with('#') || begin.starts_with("//");
    }
    joined_ = goes_on;
    if (comment_) return;
    parts_.push_back({text_.size(), line});
    text_ += content;
    if (!goes_on) text_ += '\n';
  }

  std::string text_;
  std::vector<Part> parts_;
  // The next line belongs to the one before it.
  bool joined_ = false;
  bool comment_ = false;
};

// What would be lost without a word.
class Objections {
 public:
  bool OnEvent(int depth, Json::parse_event_t event, const Json& value) {
    const auto level = static_cast<size_t>(depth);
    if (level > kMostLevels) {
      too_deep_ = true;
      return false;
    }
    keys_.resize(kMostLevels + 2);
    if (event == Json::parse_event_t::object_start) {
      keys_[level + 1].clear();
    } else if (event == Json::parse_event_t::key &&
               !keys_[level].insert(value.get<std::string>()).second) {
      repeated_ = value.get<std::string>();
    }
    return true;
  }

  absl::Status Check() const {
    if (too_deep_) {
      return InvalidArgument(
          "more than {} levels stand within each other; take some out",
          kMostLevels);
    }
    if (!repeated_.has_value()) return absl::OkStatus();
    return InvalidArgument("'{}' is there twice; give it once", *repeated_);
  }

 private:
  // Of the objects that are open, by how deep they are.
  std::vector<std::set<std::string>> keys_;
  bool too_deep_ = false;
  std::optional<std::string> repeated_;
};

}  // namespace

absl::StatusOr<Json> ParseRelaxedJson(std::string_view text) {
  const PlainText plain(text);
  Objections objections;
  Json json;
  try {
    json = Json::parse(plain.text(),
                       [&](int depth, Json::parse_event_t event, Json& value) {
                         return objections.OnEvent(depth, event, value);
                       });
  } catch (const Json::exception& error) {
    // Errors of parsing alone have a place; it is behind what was read last.
    const auto* parsing = dynamic_cast<const Json::parse_error*>(&error);
    const size_t read = parsing == nullptr ? 0 : parsing->byte;
    return InvalidArgument(
        "line {}: this is no JSON; look for a comma, quote or bracket that is "
        "missing, or there too often, here or before it",
        plain.LineOf(read == 0 ? 0 : read - 1));
  }
  TUTTI_RETURN_IF_ERROR(objections.Check());
  return json;
}

}  // namespace tutti::query
