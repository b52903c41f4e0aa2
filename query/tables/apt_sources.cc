// Repositories that apt is told of (sources.list(5)).
#include "query/host/apt_sources.h"

#include <string>
#include <string_view>

#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/engine/table.h"
#include "query/host/control_file.h"
#include "query/host/folder.h"
#include "query/host/regular_file.h"

namespace tutti::query {
namespace {

// What apt has fetched last of what the repository says of itself; empty: it
// has not.
absl::StatusOr<std::string> ReadRelease(const TableRequest& request,
                                        const AptSource& source) {
  const std::string prefix =
      request.Path("/var/lib/apt/lists/" + CachePrefix(source));
  TUTTI_ASSIGN_OR_RETURN(std::string content,
                         ReadIfThere(prefix + "InRelease"));
  if (!content.empty()) return content;
  return ReadIfThere(prefix + "Release");
}

// The fields of a release, which may stand behind a head of a signature.
void SetRelease(std::string_view content, Row& row) {
  for (const ControlParagraph& release : ParagraphsOf(content)) {
    if (release.Get("Origin").empty() && release.Get("Codename").empty() &&
        release.Get("Components").empty()) {
      continue;
    }
    row.Set("release", release.Get("Codename"));
    row.Set("version", release.Get("Version"));
    row.Set("maintainer", release.Get("Origin"));
    row.Set("components", release.Get("Components"));
    row.Set("architectures", release.Get("Architectures"));
    return;
  }
}

absl::Status AddFile(const TableRequest& request, const std::string& path,
                     Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadIfThere(request.Path(path)));
  const std::vector<AptSource> sources = path.ends_with(".sources")
                                             ? ParseAptParagraphs(content)
                                             : ParseAptList(content);
  for (const AptSource& source : sources) {
    TUTTI_ASSIGN_OR_RETURN(const std::string release,
                           ReadRelease(request, source));
    Row& row = rows.Add();
    row.Set("name", std::string(PlaceOf(source)) + " " + source.suite);
    row.Set("source", path);
    row.Set("base_uri", source.uri);
    SetRelease(release, row);
  }
  return absl::OkStatus();
}

absl::Status GenerateAptSources(const TableRequest& request, Rows& rows) {
  TUTTI_RETURN_IF_ERROR(AddFile(request, "/etc/apt/sources.list", rows));
  const std::string folder = "/etc/apt/sources.list.d";
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                         NamesIn(request.Path(folder)));
  for (const std::string& name : names) {
    if (name.ends_with(".list") || name.ends_with(".sources")) {
      TUTTI_RETURN_IF_ERROR(AddFile(request, folder + "/" + name, rows));
    }
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kAptSourcesTable = {
    .name = "apt_sources",
    .description = "Repositories of binary packages that apt is told of.",
    .columns =
        {
            {"name", ColumnType::kText, "Place and suite"},
            {"source", ColumnType::kText, "File that names it"},
            {"base_uri", ColumnType::kText, "URI"},
            {"release", ColumnType::kText,
             "Name of the release; NULL, as what follows, before apt update"},
            {"version", ColumnType::kText, "Version of the release",
             Pushdown::kNone, Collation::kDpkgVersion},
            {"maintainer", ColumnType::kText, "Who publishes it"},
            {"components", ColumnType::kText, "Components it has"},
            {"architectures", ColumnType::kText, "Architectures it has"},
        },
    .generate = GenerateAptSources,
};

}  // namespace tutti::query
