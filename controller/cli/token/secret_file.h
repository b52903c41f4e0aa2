// A file for a secret, made before there is one.
#ifndef CONTROLLER_CLI_TOKEN_SECRET_FILE_H_
#define CONTROLLER_CLI_TOKEN_SECRET_FILE_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/file_descriptor.h"

namespace tutti::cli {

// A new file that only its owner can read. Removed again when it goes, unless
// something was written.
class SecretFile {
 public:
  // FAILED_PRECONDITION when there is a file of that name.
  static absl::StatusOr<std::unique_ptr<SecretFile>> Create(
      const std::string& path);
  SecretFile(const SecretFile&) = delete;
  SecretFile& operator=(const SecretFile&) = delete;
  ~SecretFile();

  // Once; it is on the disk when this is OK.
  absl::Status Write(std::string_view content);

 private:
  SecretFile(std::string path, int descriptor)
      : path_(std::move(path)), descriptor_(descriptor) {}

  const std::string path_;
  // Open while the file is empty.
  FileDescriptor descriptor_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_TOKEN_SECRET_FILE_H_
