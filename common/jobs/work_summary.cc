#include "common/jobs/work_summary.h"

#include <string_view>

#include "common/text/json_text.h"
#include "common/text/lines.h"
#include "common/text/shell_quote.h"
#include "common/text/utf8.h"

namespace tutti {
namespace {

constexpr size_t kEnough = 1000;
// Of parameters; larger ones are not looked into.
constexpr size_t kParsedBytes = 64 << 10;

// False when there is no room for more.
bool Append(std::string_view word, std::string& summary) {
  if (!summary.empty()) summary += ' ';
  if (summary.size() <= kEnough) {
    summary += ShellQuote(word.substr(0, kEnough));
    if (word.size() <= kEnough) return true;
  }
  summary += "…";
  return false;
}

// On one line.
std::string QuerySummary(std::string_view sql) {
  std::string summary;
  for (const char c : Trimmed(sql)) {
    const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!space) {
      summary += c;
    } else if (!summary.ends_with(' ')) {
      summary += ' ';
    }
  }
  return ClipToUtf8(summary, kEnough);
}

// "apt-upgrade upgrade=full".
std::string AddInSummary(const v1::AddIn& add_in) {
  std::string summary = add_in.name();
  // The controller does this on the thread that everything waits for.
  if (add_in.parameters().size() > kParsedBytes) return summary;
  const auto parameters = ParseJson(add_in.parameters());
  if (!parameters.has_value() || !parameters->is_object()) return summary;
  for (const auto& [name, value] : parameters->items()) {
    using Json = nlohmann::ordered_json;
    const std::string text =
        value.is_string()
            ? value.get<std::string>()
            : value.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (!Append(name + "=" + text, summary)) break;
  }
  return summary;
}

std::string CopySummary(const v1::Copy& copy) {
  std::string summary = ClipToUtf8(copy.label(), kEnough);
  summary += summary.empty() ? "→" : " →";
  Append(copy.destination(), summary);
  return summary;
}

std::string FetchSummary(const v1::Fetch& fetch) {
  std::string summary;
  for (const std::string& path : fetch.paths()) {
    if (!Append(path, summary)) break;
  }
  return summary;
}

}  // namespace

std::string_view KindName(const v1::JobSpec& spec) {
  switch (spec.kind_case()) {
    case v1::JobSpec::kCommand:
      return "command";
    case v1::JobSpec::kScript:
      return "script";
    case v1::JobSpec::kQuery:
      return "query";
    case v1::JobSpec::kAddIn:
      return spec.add_in().name();
    case v1::JobSpec::kCopy:
      return "copy";
    case v1::JobSpec::kFetch:
      return "fetch";
    case v1::JobSpec::KIND_NOT_SET:
      break;
  }
  return "";
}

std::string WorkSummary(const v1::JobSpec& spec) {
  if (spec.has_query()) return QuerySummary(spec.query().sql());
  if (spec.has_add_in()) return AddInSummary(spec.add_in());
  if (spec.has_copy()) return CopySummary(spec.copy());
  if (spec.has_fetch()) return FetchSummary(spec.fetch());
  std::string summary;
  if (spec.has_script() && !Append(spec.script().name(), summary)) {
    return summary;
  }
  for (const std::string& argument : spec.has_script()
                                         ? spec.script().arguments()
                                         : spec.command().arguments()) {
    if (!Append(argument, summary)) break;
  }
  return summary;
}

}  // namespace tutti
