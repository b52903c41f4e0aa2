#include "controller/jobs/command_summary.h"

#include <string_view>

#include "common/text/shell_quote.h"

namespace tutti::controller {
namespace {

constexpr size_t kEnough = 1000;

}  // namespace

std::string CommandSummary(const v1::Command& command) {
  std::string summary;
  for (const std::string& argument : command.arguments()) {
    if (!summary.empty()) summary += ' ';
    if (summary.size() > kEnough) return summary + "…";
    if (argument.size() > kEnough) {
      return summary +
             ShellQuote(std::string_view(argument).substr(0, kEnough)) + "…";
    }
    summary += ShellQuote(argument);
  }
  return summary;
}

}  // namespace tutti::controller
