#include "query/host/journal.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "common/base/status_macros.h"
#include "query/host/program.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

using Json = nlohmann::json;

// Bytes that are no UTF-8 come as an array of numbers.
std::optional<std::string> BytesIn(const Json& array) {
  std::string bytes;
  for (const Json& byte : array) {
    if (!byte.is_number_unsigned()) return std::nullopt;
    bytes += static_cast<char>(byte.get<unsigned>());
  }
  return bytes;
}

// Absent also where it is too long for the journal to show (null). Of several
// values, the first one.
std::optional<std::string> FieldText(const Json& entry, const char* field) {
  const auto found = entry.find(field);
  if (found == entry.end()) return std::nullopt;
  if (found->is_string()) return found->get<std::string>();
  if (!found->is_array() || found->empty()) return std::nullopt;
  const Json& first = found->front();
  if (first.is_string()) return first.get<std::string>();
  return BytesIn(first.is_array() ? first : *found);
}

std::optional<int64_t> FieldNumber(const Json& entry, const char* field) {
  const auto text = FieldText(entry, field);
  return text.has_value() ? NumberIn(*text) : std::nullopt;
}

std::optional<std::string> FirstOf(const Json& entry,
                                   std::initializer_list<const char*> fields) {
  for (const char* field : fields) {
    if (auto text = FieldText(entry, field)) return text;
  }
  return std::nullopt;
}

std::optional<JournalEntry> EntryOf(const Json& entry) {
  const auto timestamp = FieldNumber(entry, "__REALTIME_TIMESTAMP");
  if (!timestamp.has_value()) return std::nullopt;
  JournalEntry row;
  row.timestamp = *timestamp;
  row.cursor = FieldText(entry, "__CURSOR").value_or("");
  row.priority = FieldNumber(entry, "PRIORITY");
  row.pid = FieldNumber(entry, "_PID");
  row.unit = FirstOf(entry, {"UNIT", "OBJECT_SYSTEMD_UNIT", "_SYSTEMD_UNIT"});
  row.identifier = FirstOf(entry, {"SYSLOG_IDENTIFIER", "_COMM"});
  row.hostname = FieldText(entry, "_HOSTNAME");
  row.message = FieldText(entry, "MESSAGE");
  return row;
}

}  // namespace

std::vector<std::string> JournalArguments(const JournalFilter& filter,
                                          const std::string& root) {
  std::vector<std::string> arguments = {
      "--no-pager", "--quiet", "--all", "--output=json",
      "--output-fields=MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_COMM,_PID,_HOSTNAME,"
      "UNIT,OBJECT_SYSTEMD_UNIT,_SYSTEMD_UNIT"};
  if (!root.empty()) arguments.push_back("--root=" + root);
  if (filter.unit.has_value()) arguments.push_back("--unit=" + *filter.unit);
  if (filter.priority.has_value()) {
    arguments.push_back(
        fmt::format("--priority={}..{}", *filter.priority, *filter.priority));
  }
  if (filter.since.has_value()) {
    const bool is_number = NumberIn(*filter.since).value_or(-1) >= 0;
    arguments.push_back(
        fmt::format("--since={}{}", is_number ? "@" : "", *filter.since));
  }
  return arguments;
}

std::vector<JournalEntry> ParseJournal(std::string_view output) {
  std::vector<JournalEntry> entries;
  for (const std::string_view line : LinesOf(output)) {
    const Json parsed = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!parsed.is_object()) continue;
    if (auto entry = EntryOf(parsed)) entries.push_back(*std::move(entry));
  }
  return entries;
}

absl::StatusOr<std::vector<JournalEntry>> ReadJournal(
    const JournalFilter& filter, const std::string& root) {
  Program journalctl;
  journalctl.paths = {"/usr/bin/journalctl", "/bin/journalctl"};
  journalctl.arguments = JournalArguments(filter, root);
  const absl::StatusOr<std::string> output = RunProgram(journalctl);
  if (absl::IsNotFound(output.status())) return std::vector<JournalEntry>();
  TUTTI_RETURN_IF_ERROR(output.status());
  return ParseJournal(*output);
}

}  // namespace tutti::query
