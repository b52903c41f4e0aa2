// Hardware addresses of neighbours (/proc/net/arp, proc(5)).
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "common/text/whole_number.h"
#include "query/engine/table.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

constexpr size_t kWordsOfEntry = 6;
// ATF_PERM of <net/if_arp.h>.
constexpr unsigned kPermanent = 0x4;

// "0x6"; 0 of anything else.
unsigned FlagsIn(std::string_view text) {
  if (!text.starts_with("0x")) return 0;
  unsigned flags = 0;
  return ParseWhole(text.substr(2), flags, 16) ? flags : 0;
}

absl::Status GenerateArpCache(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadIfThere(request.Path("/proc/net/arp")));
  for (const std::string_view line : LinesOf(content)) {
    // Address, hardware type, flags, hardware address, mask, device. The line
    // of titles has more words.
    const std::vector<std::string_view> fields = Words(line);
    if (fields.size() != kWordsOfEntry) continue;
    const bool permanent = (FlagsIn(fields[2]) & kPermanent) != 0;
    Row& row = rows.Add();
    row.Set("address", fields[0]);
    row.Set("mac", fields[3]);
    row.Set("interface", fields[5]);
    row.Set("permanent", permanent ? "1" : "0");
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kArpCacheTable = {
    .name = "arp_cache",
    .description = "Hardware addresses of IPv4 neighbours.",
    .columns =
        {
            {"address", ColumnType::kText, "IPv4 address"},
            {"mac", ColumnType::kText, "Hardware address"},
            {"interface", ColumnType::kText, "Interface"},
            {"permanent", ColumnType::kText,
             "1 if somebody set it, 0 if the host found out"},
        },
    .generate = GenerateArpCache,
};

}  // namespace tutti::query
