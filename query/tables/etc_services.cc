// Names of ports (services(5)).
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
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

absl::Status GenerateEtcServices(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadIfThere(request.Path("/etc/services")));
  for (const std::string_view line : LinesOf(content)) {
    const size_t mark = std::min(line.find('#'), line.size());
    // "ssh 22/tcp alias ..."
    std::vector<std::string_view> words = Words(Trimmed(line.substr(0, mark)));
    if (words.size() < 2) continue;
    const std::vector<std::string_view> port = Split(words[1], '/');
    const std::optional<int64_t> number = NumberIn(port[0]);
    if (port.size() != 2 || !number.has_value()) continue;
    Row& row = rows.Add();
    row.Set("name", words[0]);
    row.Set("port", *number);
    row.Set("protocol", port[1]);
    words.erase(words.begin(), words.begin() + 2);
    row.Set("aliases", fmt::format("{}", fmt::join(words, " ")));
    row.Set("comment",
            mark == line.size() ? "" : Trimmed(line.substr(mark + 1)));
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kEtcServicesTable = {
    .name = "etc_services",
    .description = "Lines of /etc/services.",
    .columns =
        {
            {"name", ColumnType::kText, "Name of the service"},
            {"port", ColumnType::kInteger, "Number of its port"},
            {"protocol", ColumnType::kText, "tcp, udp, ..."},
            {"aliases", ColumnType::kText,
             "Its other names, separated by blanks"},
            {"comment", ColumnType::kText, "What stands behind #"},
        },
    .generate = GenerateEtcServices,
};

}  // namespace tutti::query
