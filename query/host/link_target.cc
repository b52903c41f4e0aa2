#include "query/host/link_target.h"

#include <filesystem>
#include <system_error>

namespace tutti::query {

std::optional<std::string> LinkTarget(const std::string& path) {
  std::error_code error;
  const std::filesystem::path target =
      std::filesystem::read_symlink(path, error);
  if (error) return std::nullopt;
  return target.string();
}

}  // namespace tutti::query
