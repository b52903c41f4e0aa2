// Units of systemd(1).
#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/systemd.h"

namespace tutti::query {
namespace {

void AddRow(const SystemdUnit& unit, Rows& rows) {
  Row& row = rows.Add();
  row.Set("id", unit.id);
  row.Set("description", unit.description);
  row.Set("load_state", unit.load_state);
  row.Set("active_state", unit.active_state);
  row.Set("sub_state", unit.sub_state);
  row.Set("following", unit.following);
  row.Set("object_path", UnitObjectPath(unit.id));
  row.Set("job_id", unit.job_id);
  // As D-Bus says that there is none.
  if (unit.job_id == 0) row.Set("job_type", "");
  row.Set("job_path",
          unit.job_id == 0
              ? "/"
              : fmt::format("/org/freedesktop/systemd1/job/{}", unit.job_id));
  row.Set("fragment_path", unit.fragment_path);
  row.Set("user", unit.user);
  row.Set("source_path", unit.source_path);
}

absl::Status GenerateSystemdUnits(const TableRequest& request, Rows& rows) {
  // sd_booted(3): the folder is there where systemd runs.
  std::error_code error;
  const bool runs =
      std::filesystem::exists(request.Path("/run/systemd/system"), error);
  bool with_details = false;
  for (const std::string_view column :
       {"following", "job_id", "job_type", "job_path", "fragment_path", "user",
        "source_path"}) {
    with_details = with_details || request.Uses(column);
  }
  TUTTI_ASSIGN_OR_RETURN(
      const std::vector<SystemdUnit> units,
      runs ? ListUnits(with_details) : ReadUnitFiles(request.Path("")));
  for (const SystemdUnit& unit : units) AddRow(unit, rows);
  return absl::OkStatus();
}

}  // namespace

extern const Table kSystemdUnitsTable = {
    .name = "systemd_units",
    .description =
        "Units that systemd has in memory; where it does not run, "
        "those of the unit files.",
    .columns =
        {
            {"id", ColumnType::kText, "Name"},
            {"description", ColumnType::kText, "Description"},
            {"load_state", ColumnType::kText,
             "Whether its definition was loaded"},
            {"active_state", ColumnType::kText, "State: active, failed, ..."},
            {"sub_state", ColumnType::kText,
             "State in words of the unit's type: running, dead, ..."},
            {"following", ColumnType::kText,
             "Unit whose state this one follows"},
            {"object_path", ColumnType::kText, "Its object on D-Bus"},
            {"job_id", ColumnType::kBigInt, "Job that waits; 0: none"},
            {"job_type", ColumnType::kText,
             "Empty without a job; NULL with one"},
            {"job_path", ColumnType::kText, "The job's object on D-Bus"},
            {"fragment_path", ColumnType::kText, "Unit file"},
            {"user", ColumnType::kText, "User that it runs as, if it says so"},
            {"source_path", ColumnType::kText,
             "File that the unit file was made of"},
        },
    .generate = GenerateSystemdUnits,
};

}  // namespace tutti::query
