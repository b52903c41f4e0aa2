// Names that the host knows by itself (hosts(5)).
#include <fmt/ranges.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/engine/table.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

absl::Status GenerateEtcHosts(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadIfThere(request.Path("/etc/hosts")));
  for (const std::string_view line : LinesOf(content)) {
    const std::string_view said = Trimmed(line.substr(0, line.find('#')));
    std::vector<std::string_view> words = Words(said);
    if (words.size() < 2) continue;
    Row& row = rows.Add();
    row.Set("address", words[0]);
    words.erase(words.begin());
    row.Set("hostnames", fmt::format("{}", fmt::join(words, " ")));
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kEtcHostsTable = {
    .name = "etc_hosts",
    .description = "Lines of /etc/hosts.",
    .columns =
        {
            {"address", ColumnType::kText, "IP address"},
            {"hostnames", ColumnType::kText, "Its names, separated by blanks"},
        },
    .generate = GenerateEtcHosts,
};

}  // namespace tutti::query
