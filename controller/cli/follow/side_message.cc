#include "controller/cli/follow/side_message.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "common/text/json_text.h"
#include "controller/cli/output.h"

namespace tutti::cli {
namespace {

using Kind = SideMessage::Kind;

constexpr std::pair<Kind, const char*> kNames[] = {
    {Kind::kProgress, "progress"},
    {Kind::kWarning, "warning"},
    {Kind::kInformation, "information"},
    {Kind::kVerbose, "verbose"},
    {Kind::kDebug, "debug"},
};

bool HasText(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_string();
}

// Absent when it tells none.
std::optional<SideMessage> ProgressOf(const Json& json) {
  if (!json.contains("progress") || !json["progress"].is_number()) {
    return std::nullopt;
  }
  SideMessage message;
  message.kind = Kind::kProgress;
  message.progress = json["progress"].get<double>();
  if (!(message.progress >= 0 && message.progress <= 1)) return std::nullopt;
  if (HasText(json, "message")) message.text = json["message"];
  return message;
}

}  // namespace

SideMessage ParseSideMessage(std::string_view line) {
  const std::optional<Json> json = ParseJson(line);
  if (json.has_value() && json->is_object()) {
    if (auto progress = ProgressOf(*json)) return *std::move(progress);
    for (const auto& [kind, name] : kNames) {
      if (kind != Kind::kProgress && HasText(*json, name)) {
        return {kind, (*json)[name]};
      }
    }
  }
  return {Kind::kOther, std::string(line)};
}

std::string_view MessageWord(Kind kind) {
  for (const auto& [candidate, name] : kNames) {
    if (candidate == kind) return name;
  }
  return "";
}

std::string MessageText(const SideMessage& message) {
  if (message.kind != Kind::kProgress) return message.text;
  return fmt::format("{:.0f} %{}{}", message.progress * 100,
                     message.text.empty() ? "" : " ", message.text);
}

bool ShownMessages::Has(Kind kind) const {
  switch (kind) {
    case Kind::kProgress:
      return progress;
    case Kind::kVerbose:
      return verbose;
    case Kind::kDebug:
      return debug;
    case Kind::kWarning:
    case Kind::kInformation:
    case Kind::kOther:
      break;
  }
  return true;
}

void MessageLines::Append(std::string_view data, const OnLine& on_line) {
  while (!data.empty()) {
    const size_t room = kMaxLineBytes - unfinished_.size();
    const size_t end = data.substr(0, room).find('\n');
    if (end == data.npos && data.size() < room) {
      unfinished_ += data;
      return;
    }
    unfinished_ += data.substr(0, end == data.npos ? room : end);
    data.remove_prefix(end == data.npos ? room : end + 1);
    Finish(on_line);
  }
}

void MessageLines::Finish(const OnLine& on_line) {
  const std::string line = std::exchange(unfinished_, {});
  if (!line.empty()) on_line(line);
}

}  // namespace tutti::cli
