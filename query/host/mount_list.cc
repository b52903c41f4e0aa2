#include "query/host/mount_list.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/host/distant_mounts.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

constexpr size_t kOctalDigits = 3;

bool IsOctal(char c) { return c >= '0' && c <= '7'; }

// Blanks and backslashes in a name stand there as "\040".
std::string Unescaped(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const std::string_view digits =
        text.substr(std::min<size_t>(1, text.size()), kOctalDigits);
    if (text[0] == '\\' && digits.size() == kOctalDigits &&
        std::all_of(digits.begin(), digits.end(), IsOctal)) {
      plain += static_cast<char>((digits[0] - '0') * 64 +
                                 (digits[1] - '0') * 8 + (digits[2] - '0'));
      text.remove_prefix(1 + kOctalDigits);
    } else {
      plain += text[0];
      text.remove_prefix(1);
    }
  }
  return plain;
}

}  // namespace

std::vector<Mount> ParseMounts(std::string_view content) {
  std::vector<Mount> mounts;
  for (const std::string_view line : LinesOf(content)) {
    const std::vector<std::string_view> words = Words(line);
    if (words.size() < 4) continue;
    mounts.push_back({Unescaped(words[0]), Unescaped(words[1]),
                      Unescaped(words[2]), std::string(words[3])});
  }
  return mounts;
}

absl::StatusOr<struct statvfs> StateOf(const Mount& mount,
                                       const std::string& path) {
  if (mount.type == "autofs") {
    return NotFound("nothing is mounted in {} yet", path);
  }
  TUTTI_ASSIGN_OR_RETURN(
      const std::string bytes, ReachOne(path, [](const std::string& asked) {
        struct statvfs state = {};
        if (statvfs(asked.c_str(), &state) != 0) {
          return absl::StatusOr<std::string>(
              SystemError(errno, fmt::format("look at {}", asked)));
        }
        return absl::StatusOr<std::string>(
            std::string(reinterpret_cast<const char*>(&state), sizeof state));
      }));
  struct statvfs state = {};
  std::memcpy(&state, bytes.data(), sizeof state);
  return state;
}

}  // namespace tutti::query
