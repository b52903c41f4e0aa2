// What the programs' command lines have in common.
#ifndef COMMON_COMMAND_LINE_FLAGS_H_
#define COMMON_COMMAND_LINE_FLAGS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/configuration/settings.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace tutti {

// An option that may be given several times and takes exactly one value each
// time, as it is: CLI11 would otherwise swallow the words that follow and
// unfold "[a,b]".
CLI::Option* AddRepeatable(CLI::App& app, const std::string& names,
                           std::vector<std::string>& values,
                           const std::string& description);

// What controller, agent and runner end with: something failed; a flag or the
// configuration is wrong, and nothing was begun.
inline constexpr int kServiceFailed = 1;
inline constexpr int kServiceMisused = 2;

// Says on standard error what went wrong, with the program's name before it.
// Returns `exit_status`.
int ReportFailure(std::string_view program, const absl::Status& status,
                  int exit_status);

// Where a service finds its settings, and what flags say instead.
struct ServiceFlags {
  std::string configuration_path;
  SettingOverrides overrides;
  // Say what is wrong with the configuration, and end.
  bool check_configuration = false;
};

// --config, --dir (whose file is called `file_name`), --check-config, and a
// flag for each setting. `flags` must outlive the parsing, and may be filled
// by several apps.
void AddServiceFlags(CLI::App& app, const std::string& file_name,
                     const std::vector<SettingDescription>& settings,
                     ServiceFlags& flags);

// Parses a command line. When there is nothing more to do, the exit status:
// help was printed (0), or what is wrong was said (kServiceMisused).
std::optional<int> ParseOrExplain(CLI::App& app, int argc,
                                  const char* const* argv);

}  // namespace tutti

#endif  // COMMON_COMMAND_LINE_FLAGS_H_
