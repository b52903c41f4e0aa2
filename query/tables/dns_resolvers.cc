// Name servers (resolv.conf(5)).
#include <resolv.h>

#include <map>
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

struct Resolver {
  std::vector<std::string> nameservers;
  std::vector<std::string> sortlist;
  std::vector<std::string> search;
  // RES_... of resolv.h.
  uint64_t options = RES_DEFAULT;
};

uint64_t OptionOf(std::string_view name) {
  static const std::map<std::string_view, uint64_t> kOptions = {
      {"debug", RES_DEBUG},
      {"edns0", RES_USE_EDNS0},
      {"no-reload", RES_NORELOAD},
      {"no-tld-query", RES_NOTLDQUERY},
      {"rotate", RES_ROTATE},
      {"single-request", RES_SNGLKUP},
      {"single-request-reopen", RES_SNGLKUPREOP},
      {"trust-ad", RES_TRUSTAD},
      {"use-vc", RES_USEVC},
  };
  const auto found = kOptions.find(name);
  return found == kOptions.end() ? 0 : found->second;
}

Resolver Parse(std::string_view content) {
  Resolver resolver;
  for (const std::string_view line : LinesOf(content)) {
    const std::vector<std::string_view> words = Words(Trimmed(line));
    if (words.size() < 2) continue;
    if (words[0] == "nameserver") {
      resolver.nameservers.emplace_back(words[1]);
    } else if (words[0] == "search" || words[0] == "domain") {
      // The last of them counts.
      resolver.search.assign(words.begin() + 1, words.end());
    } else if (words[0] == "sortlist") {
      resolver.sortlist.assign(words.begin() + 1, words.end());
    } else if (words[0] == "options") {
      for (const std::string_view word : words) {
        resolver.options |= OptionOf(word);
      }
    }
  }
  return resolver;
}

void AddRows(std::string_view type, const std::vector<std::string>& addresses,
             uint64_t options, Rows& rows) {
  int id = 0;
  for (const std::string_view address : addresses) {
    Row& row = rows.Add();
    row.Set("id", id++);
    row.Set("type", type);
    const size_t slash = type == "sortlist" ? address.find('/') : address.npos;
    row.Set("address", address.substr(0, slash));
    if (slash != address.npos) row.Set("netmask", address.substr(slash + 1));
    row.Set("options", options);
  }
}

absl::Status GenerateDnsResolvers(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadIfThere(request.Path("/etc/resolv.conf")));
  const Resolver resolver = Parse(content);
  AddRows("nameserver", resolver.nameservers, resolver.options, rows);
  AddRows("sortlist", resolver.sortlist, resolver.options, rows);
  AddRows("search", resolver.search, resolver.options, rows);
  return absl::OkStatus();
}

}  // namespace

extern const Table kDnsResolversTable = {
    .name = "dns_resolvers",
    .description = "Whom the host asks for names, after /etc/resolv.conf.",
    .columns =
        {
            {"id", ColumnType::kInteger,
             "Place among those of its type, from "
             "0"},
            {"type", ColumnType::kText, "nameserver, sortlist or search"},
            {"address", ColumnType::kText,
             "IP address; of the type search: a domain"},
            {"netmask", ColumnType::kText, "Of the type sortlist, where said"},
            {"options", ColumnType::kBigInt,
             "Bits of the resolver's options (resolv.h)"},
        },
    .generate = GenerateDnsResolvers,
};

}  // namespace tutti::query
