// What /etc/shadow says of passwords (shadow(5)), without the passwords.
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

// The columns of the fields behind the password.
constexpr std::array<std::string_view, 7> kNumbers = {
    "last_change", "min", "max", "warning", "inactive", "expire", "flag"};
constexpr size_t kFields = 2 + kNumbers.size();

std::string_view StatusOf(std::string_view password) {
  if (password.empty()) return "empty";
  if (password == "!!") return "not_set";
  if (password.find_first_of("!*x") == 0) return "locked";
  return "active";
}

// "6" of "$6$salt$hash"; empty without such a mark (crypt(5)).
std::string_view AlgorithmOf(std::string_view password) {
  if (!password.starts_with('$')) return {};
  const size_t end = password.find('$', 1);
  return end == password.npos ? std::string_view()
                              : password.substr(1, end - 1);
}

absl::Status GenerateShadow(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadIfThere(request.Path("/etc/shadow")));
  for (const std::string_view line : LinesOf(content)) {
    const std::vector<std::string_view> fields = Split(line, ':');
    if (fields.size() != kFields) continue;
    Row& row = rows.Add();
    row.Set("username", fields[0]);
    row.Set("password_status", StatusOf(fields[1]));
    row.Set("hash_alg", AlgorithmOf(fields[1]));
    for (size_t i = 0; i < kNumbers.size(); ++i) {
      row.Set(kNumbers[i], NumberIn(fields[2 + i]).value_or(-1));
    }
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kShadowTable = {
    .name = "shadow",
    .description =
        "State and age of the passwords of local accounts. Only "
        "root can read it.",
    .columns =
        {
            {"password_status", ColumnType::kText,
             "empty, not_set, locked or active"},
            {"hash_alg", ColumnType::kText,
             "Mark of the hash, such as 6 (SHA-512) or y (yescrypt)"},
            {"last_change", ColumnType::kBigInt,
             "Day of the last change, since 1970; -1: not said"},
            {"min", ColumnType::kBigInt,
             "Days that have to pass between changes; -1: not said"},
            {"max", ColumnType::kBigInt,
             "Days after which it has to be changed; -1: not said"},
            {"warning", ColumnType::kBigInt,
             "Days of warning before; -1: not said"},
            {"inactive", ColumnType::kBigInt,
             "Days after which the account is locked; -1: not said"},
            {"expire", ColumnType::kBigInt,
             "Day on which the account ends, since 1970; -1: not said"},
            {"flag", ColumnType::kBigInt, "Reserved; -1: not said"},
            {"username", ColumnType::kText, "Name of the account"},
        },
    .generate = GenerateShadow,
};

}  // namespace tutti::query
