#include "common/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>
#include <string_view>

#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace tutti::log {
namespace {

constexpr char kPlainPattern[] = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

bool ToJournal() { return std::getenv("JOURNAL_STREAM") != nullptr; }

// syslog(3) priorities, as sd-daemon(3) wants them in front of a line.
std::string_view JournalPrefix(Level level) {
  switch (level) {
    case Level::kDebug:
      return "<7>";
    case Level::kInfo:
      return "<6>";
    case Level::kWarning:
      return "<4>";
    case Level::kError:
      return "<3>";
  }
  return "<3>";
}

spdlog::logger& Logger() {
  static spdlog::logger& logger = *[] {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    // Never destroyed: threads may log until the process ends.
    auto* made = new spdlog::logger("tutti", std::move(sink));
    made->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        ToJournal() ? "%v" : kPlainPattern, spdlog::pattern_time_type::utc));
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return logger;
}

}  // namespace

void SetLevel(Level level) { Logger().set_level(ToSpdlog(level)); }

absl::StatusOr<Level> ParseLevel(std::string_view name) {
  if (name == "debug") return Level::kDebug;
  if (name == "info") return Level::kInfo;
  if (name == "warning") return Level::kWarning;
  if (name == "error") return Level::kError;
  return InvalidArgument(
      "unknown log level '{}'; use debug, info, warning or error", name);
}

absl::Status SetLevel(std::string_view name) {
  TUTTI_ASSIGN_OR_RETURN(const Level level, ParseLevel(name));
  SetLevel(level);
  return absl::OkStatus();
}

bool Enabled(Level level) { return Logger().should_log(ToSpdlog(level)); }

void Write(Level level, std::string_view text) {
  if (ToJournal()) {
    Logger().log(ToSpdlog(level), "{}{}", JournalPrefix(level), text);
  } else {
    Logger().log(ToSpdlog(level), "{}", text);
  }
}

}  // namespace tutti::log
