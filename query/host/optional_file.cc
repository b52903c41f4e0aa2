#include "query/host/optional_file.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/status/statusor.h"
#include "common/base/files.h"

namespace tutti::query {

std::optional<std::string> ReadIfReadable(const std::string& path) {
  absl::StatusOr<std::string> content = ReadFile(path);
  if (!content.ok()) return std::nullopt;
  return *std::move(content);
}

std::optional<std::string> LinkTarget(const std::string& path) {
  std::error_code error;
  const std::filesystem::path target =
      std::filesystem::read_symlink(path, error);
  if (error) return std::nullopt;
  return target.string();
}

}  // namespace tutti::query
