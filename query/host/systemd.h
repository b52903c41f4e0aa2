// Units of systemd(1), as systemctl shows them or as their files say.
#ifndef QUERY_HOST_SYSTEMD_H_
#define QUERY_HOST_SYSTEMD_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tutti::query {

struct SystemdUnit {
  std::string id, description;
  std::string load_state, active_state, sub_state;
  // Of the details.
  std::string following, fragment_path, source_path, user;
  int64_t job_id = 0;
};

// What `systemctl list-units` says: JSON or, before version 248, columns.
std::vector<SystemdUnit> ParseUnitList(std::string_view output);
// Adds the details that `systemctl show` says: lines of NAME=VALUE, an empty
// one between units.
void AddUnitDetails(std::string_view output, std::vector<SystemdUnit>& units);

// Units that systemd runs with or has in memory.
absl::StatusOr<std::vector<SystemdUnit>> ListUnits(bool with_details);

// Units of the files of the host below `root`, where systemd does not run.
absl::StatusOr<std::vector<SystemdUnit>> ReadUnitFiles(const std::string& root);

// As D-Bus knows the unit.
std::string UnitObjectPath(std::string_view id);

}  // namespace tutti::query

#endif  // QUERY_HOST_SYSTEMD_H_
