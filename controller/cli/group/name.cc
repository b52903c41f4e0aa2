#include "controller/cli/group/name.h"

#include <CLI/CLI.hpp>

#include "common/base/status_macros.h"
#include "common/targets/reference.h"

namespace tutti::cli {

void AddGroupName(CLI::App& verb, std::string& word) {
  verb.add_option("NAME", word, "Name of the group, with or without the @")
      ->required();
}

absl::StatusOr<std::string> GroupNameOf(const std::string& word) {
  std::string name = word.starts_with('@') ? word.substr(1) : word;
  TUTTI_RETURN_IF_ERROR(CheckGroupName(name));
  return name;
}

}  // namespace tutti::cli
