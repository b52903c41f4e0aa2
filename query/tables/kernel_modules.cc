// Modules that the kernel has loaded.
#include <cstdint>
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

absl::Status GenerateKernelModules(const TableRequest& request, Rows& rows) {
  constexpr size_t kName = 0, kSize = 1, kUsers = 3, kStatus = 4, kAddress = 5;
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadIfThere(request.Path("/proc/modules")));
  for (const std::string_view line : LinesOf(content)) {
    const std::vector<std::string_view> words = Words(line);
    if (words.size() <= kAddress) continue;
    Row& row = rows.Add();
    row.Set("name", words[kName]);
    row.Set("size", NumberIn(words[kSize]));
    // "xt_nat,nf_nat,".
    std::string_view users = words[kUsers];
    if (users.ends_with(',')) users.remove_suffix(1);
    row.Set("used_by", users);
    row.Set("status", words[kStatus]);
    row.Set("address", words[kAddress]);
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kKernelModulesTable = {
    .name = "kernel_modules",
    .description = "Modules that the kernel has loaded.",
    .columns =
        {
            {"name", ColumnType::kText, "Name"},
            {"size", ColumnType::kBigInt, "Bytes in memory"},
            {"used_by", ColumnType::kText,
             "Modules that need it, with commas between; \"-\" for none"},
            {"status", ColumnType::kText, "Live, Loading or Unloading"},
            {"address", ColumnType::kText,
             "Address in memory; zeros where only root may know it"},
        },
    .generate = GenerateKernelModules,
};

}  // namespace tutti::query
