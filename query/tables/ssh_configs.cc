// Options of the SSH client (ssh_config(5)).
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ascii.h"
#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/engine/table.h"
#include "query/host/accounts.h"
#include "query/host/folder.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

// "host" of "Host a b" and of "Host=a".
std::string KeywordOf(std::string_view line) {
  std::string keyword(line.substr(0, line.find_first_of(" \t=")));
  for (char& c : keyword) c = ToLower(c);
  return keyword;
}

// ssh itself refuses longer ones (readconf.c, LINE_MAX).
constexpr size_t kLongestLine = 2048;

void AddOptions(std::string_view content, int64_t uid, std::string_view path,
                Rows& rows) {
  std::string_view block;
  for (const std::string_view whole : LinesOf(content)) {
    const std::string_view line = Trimmed(whole);
    if (line.empty() || line.starts_with('#')) continue;
    // The block stands in each of its rows.
    if (line.size() > kLongestLine) continue;
    const std::string keyword = KeywordOf(line);
    if (keyword == "host" || keyword == "match") {
      block = line;
      continue;
    }
    Row& row = rows.Add();
    row.Set("uid", uid);
    row.Set("block", block);
    row.Set("option", line);
    row.Set("ssh_config_file", path);
  }
}

absl::Status AddOfHost(const TableRequest& request, Rows& rows) {
  std::vector<std::string> paths = {"/etc/ssh/ssh_config"};
  const std::string folder = "/etc/ssh/ssh_config.d";
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                         NamesIn(request.Path(folder)));
  for (const std::string& name : names) {
    if (name.ends_with(".conf")) paths.push_back(folder + "/" + name);
  }
  for (const std::string& path : paths) {
    TUTTI_ASSIGN_OR_RETURN(const std::string content,
                           ReadIfThere(request.Path(path)));
    AddOptions(content, /*uid=*/0, path, rows);
  }
  return absl::OkStatus();
}

absl::Status GenerateSshConfigs(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<Account> accounts,
                         AccountsIn(request.Path("/etc/passwd")));
  const std::optional<int64_t> uid = request.EqualToNumber("uid");
  for (const Account& account : accounts) {
    if (account.uid != uid.value_or(account.uid)) continue;
    const std::string path = account.directory + "/.ssh/config";
    AddOptions(ReadOneOfMany(request.Path(path)), account.uid, path, rows);
  }
  return uid.value_or(0) == 0 ? AddOfHost(request, rows) : absl::OkStatus();
}

}  // namespace

extern const Table kSshConfigsTable = {
    .name = "ssh_configs",
    .description =
        "Options of the SSH client: the host's, and those of the "
        "accounts whose homes may be read.",
    .columns =
        {
            {"uid", ColumnType::kBigInt, "Account; 0 also for the host's",
             Pushdown::kUsed},
            {"block", ColumnType::kText,
             "Line of the host or match block; empty before the first"},
            {"option", ColumnType::kText, "Option and value, as written"},
            {"ssh_config_file", ColumnType::kText, "File that it stands in"},
        },
    .generate = GenerateSshConfigs,
};

}  // namespace tutti::query
