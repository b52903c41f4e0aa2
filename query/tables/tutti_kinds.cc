// The add-in kinds of jobs that a target has: its manifests.
#include <cstdlib>
#include <string>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/kinds/manifest_folder.h"
#include "query/engine/table.h"

namespace tutti::query {
namespace {

absl::Status GenerateTuttiKinds(const TableRequest& request, Rows& rows) {
  const char* const folder = std::getenv(kManifestFolderVariable);
  TUTTI_ASSIGN_OR_RETURN(
      const std::vector<FoundManifest> found,
      LoadManifests(
          request.Path(folder == nullptr ? kDefaultManifestFolder : folder)));
  for (const FoundManifest& kind : found) {
    Row& row = rows.Add();
    row.Set("name", kind.name);
    row.Set("path", kind.path);
    if (!kind.manifest.ok()) {
      row.Set("error", TextOf(kind.manifest.status()));
      continue;
    }
    const Manifest& manifest = *kind.manifest;
    row.Set("version", manifest.version);
    row.Set("description", manifest.description);
    row.Set("program", manifest.program);
    row.Set("parameters", ParametersToJson(manifest).dump());
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kTuttiKindsTable = {
    .name = "tutti_kinds",
    .description = "Add-in kinds of jobs that this target has (kinds.d).",
    .columns =
        {
            {"name", ColumnType::kText, "Name of the kind"},
            {"version", ColumnType::kText, "As its manifest says"},
            {"description", ColumnType::kText, "What it does"},
            {"program", ColumnType::kText, "What is started"},
            {"parameters", ColumnType::kText,
             "A JSON array of objects with name, type and, where they hold, "
             "required, secret, default, pattern, enum and description"},
            {"path", ColumnType::kText, "Of the manifest"},
            {"error", ColumnType::kText,
             "Why it can not be used, such as a mistake in it; NULL: it can"},
        },
    .generate = GenerateTuttiKinds,
};

}  // namespace tutti::query
