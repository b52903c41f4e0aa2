// Keys that may log in over SSH (sshd(8), AUTHORIZED_KEYS FILE FORMAT).
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/engine/table.h"
#include "query/host/accounts.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

constexpr std::array<std::string_view, 2> kFiles = {"/.ssh/authorized_keys",
                                                    "/.ssh/authorized_keys2"};

struct Key {
  std::string_view options;
  std::string_view algorithm;
  std::string_view key;
  std::string_view comment;
};

bool IsAlgorithm(std::string_view word) {
  constexpr std::array<std::string_view, 4> kBeginnings = {
      "ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-"};
  return std::any_of(
      kBeginnings.begin(), kBeginnings.end(),
      [&](std::string_view beginning) { return word.starts_with(beginning); });
}

// Removes the first word and the blanks behind it. Blanks "in quotes" belong to
// the word, and \" does not end them.
std::string_view TakeQuotedWord(std::string_view& line) {
  bool quoted = false;
  size_t end = 0;
  for (; end < line.size(); ++end) {
    if (line[end] == '\\' && end + 1 < line.size() && line[end + 1] == '"') {
      ++end;
    } else if (line[end] == '"') {
      quoted = !quoted;
    } else if (!quoted && (line[end] == ' ' || line[end] == '\t')) {
      break;
    }
  }
  const std::string_view word = line.substr(0, end);
  line = Trimmed(line.substr(end));
  return word;
}

std::optional<Key> ParseKey(std::string_view line) {
  line = Trimmed(line);
  if (line.starts_with('#')) return std::nullopt;
  Key key;
  key.algorithm = TakeQuotedWord(line);
  if (!IsAlgorithm(key.algorithm)) {
    key.options = key.algorithm;
    key.algorithm = TakeQuotedWord(line);
  }
  key.key = TakeQuotedWord(line);
  key.comment = line;
  if (!IsAlgorithm(key.algorithm) || key.key.empty()) return std::nullopt;
  return key;
}

void AddKeys(const TableRequest& request, int64_t uid, const std::string& path,
             Rows& rows) {
  const std::string content = ReadOneOfMany(request.Path(path));
  for (const std::string_view line : LinesOf(content)) {
    const std::optional<Key> key = ParseKey(line);
    if (!key.has_value()) continue;
    Row& row = rows.Add();
    row.Set("uid", uid);
    row.Set("algorithm", key->algorithm);
    row.Set("key", key->key);
    row.Set("options", key->options);
    row.Set("comment", key->comment);
    row.Set("key_file", path);
  }
}

absl::Status GenerateAuthorizedKeys(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<Account> accounts,
                         AccountsIn(request.Path("/etc/passwd")));
  const std::optional<int64_t> uid = request.EqualToNumber("uid");
  for (const Account& account : accounts) {
    if (account.uid != uid.value_or(account.uid)) continue;
    for (const std::string_view file : kFiles) {
      AddKeys(request, account.uid, account.directory + std::string(file),
              rows);
    }
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kAuthorizedKeysTable = {
    .name = "authorized_keys",
    .description =
        "Public keys that may log in over SSH, of the accounts "
        "whose homes may be read.",
    .columns =
        {
            {"uid", ColumnType::kBigInt, "Account", Pushdown::kUsed},
            {"algorithm", ColumnType::kText, "Such as ssh-ed25519"},
            {"key", ColumnType::kText, "In base64"},
            {"options", ColumnType::kText,
             "What the key is restricted to, separated by commas"},
            {"comment", ColumnType::kText, "What stands behind the key"},
            {"key_file", ColumnType::kText, "File that it stands in"},
        },
    .generate = GenerateAuthorizedKeys,
};

}  // namespace tutti::query
