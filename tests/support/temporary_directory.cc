#include "tests/support/temporary_directory.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace tutti::testing {

TemporaryDirectory::TemporaryDirectory() {
  const char* base = std::getenv("TMPDIR");
  path_ = std::string(base != nullptr ? base : "/tmp") + "/tutti-test-XXXXXX";
  if (mkdtemp(path_.data()) == nullptr) std::abort();
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryDirectory::File(std::string_view name) const {
  return path_ + "/" + std::string(name);
}

}  // namespace tutti::testing
