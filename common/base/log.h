// The one global: the log of a program. Lines go to standard error, as
// "2026-01-02T03:04:05.678Z warning text", or, when standard error is a
// journal of systemd, with a "<4>" priority and without the time.
#ifndef COMMON_BASE_LOG_H_
#define COMMON_BASE_LOG_H_

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tutti::log {

enum class Level { kDebug, kInfo, kWarning, kError };

// Lines below `level` are dropped. Thread-safe; the default is kInfo.
void SetLevel(Level level);
// "debug", "info", "warning" or "error"; INVALID_ARGUMENT for another name.
absl::StatusOr<Level> ParseLevel(std::string_view name);
// The same, and sets it.
absl::Status SetLevel(std::string_view name);
bool Enabled(Level level);
// Writes one line. Thread-safe.
void Write(Level level, std::string_view text);

template <typename... Args>
void Debug(fmt::format_string<Args...> text, Args&&... args) {
  if (!Enabled(Level::kDebug)) return;
  Write(Level::kDebug, fmt::format(text, std::forward<Args>(args)...));
}

template <typename... Args>
void Info(fmt::format_string<Args...> text, Args&&... args) {
  if (!Enabled(Level::kInfo)) return;
  Write(Level::kInfo, fmt::format(text, std::forward<Args>(args)...));
}

template <typename... Args>
void Warning(fmt::format_string<Args...> text, Args&&... args) {
  if (!Enabled(Level::kWarning)) return;
  Write(Level::kWarning, fmt::format(text, std::forward<Args>(args)...));
}

template <typename... Args>
void Error(fmt::format_string<Args...> text, Args&&... args) {
  Write(Level::kError, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace tutti::log

#endif  // COMMON_BASE_LOG_H_
