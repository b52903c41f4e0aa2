#include "common/identity/identity_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"

namespace tutti {
namespace {

constexpr char kCurrent[] = "current";
constexpr char kCertificateFile[] = "certificate.pem";
constexpr char kKeyFile[] = "key.pem";

// Removes what earlier calls left; a reader that has an old one open keeps it.
void RemoveOthers(const std::string& directory, const std::string& kept) {
  std::error_code error;
  std::vector<std::filesystem::path> old;
  for (const auto& entry :
       std::filesystem::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (name != kept && name != kCurrent) old.push_back(entry.path());
  }
  for (const std::filesystem::path& path : old) {
    std::filesystem::remove_all(path, error);
  }
}

}  // namespace

std::string Credentials::CertificatesPem() const {
  std::string pem;
  for (const Certificate& certificate : certificates) {
    pem += certificate.ToPem();
  }
  return pem;
}

absl::StatusOr<Credentials> LoadCredentials(const std::string& certificate_path,
                                            const std::string& key_path) {
  TUTTI_ASSIGN_OR_RETURN(const std::string certificates_pem,
                         ReadFile(certificate_path));
  TUTTI_ASSIGN_OR_RETURN(const bool exposed, IsReadableByOthers(key_path));
  if (exposed) {
    return FailedPrecondition(
        "the private key {} can be read by others; run: chmod 600 {}", key_path,
        key_path);
  }
  TUTTI_ASSIGN_OR_RETURN(const std::string key_pem, ReadFile(key_path));
  absl::StatusOr<std::vector<Certificate>> certificates =
      Certificate::ListFromPem(certificates_pem);
  if (!certificates.ok()) {
    return WithPrefix(certificate_path, certificates.status());
  }
  absl::StatusOr<PrivateKey> key = PrivateKey::FromPem(key_pem);
  if (!key.ok()) return WithPrefix(key_path, key.status());
  if (X509_check_private_key(certificates->front().get(), key->get()) != 1) {
    OpenSslError();
    return FailedPrecondition(
        "the key {} does not fit the certificate {}; restore the pair, or "
        "have a new one issued",
        key_path, certificate_path);
  }
  return Credentials{*std::move(certificates), *std::move(key)};
}

absl::StatusOr<Credentials> LoadIdentity(const std::string& directory) {
  // Through the link once, so that both files are of the same pair while
  // another program replaces it.
  const std::string link = fmt::format("{}/{}", directory, kCurrent);
  std::error_code error;
  const std::filesystem::path target =
      std::filesystem::read_symlink(link, error);
  const std::string current =
      error ? link : (std::filesystem::path(directory) / target).string();
  return LoadCredentials(fmt::format("{}/{}", current, kCertificateFile),
                         fmt::format("{}/{}", current, kKeyFile));
}

absl::Status SaveIdentity(const std::string& directory,
                          const Credentials& credentials) {
  TUTTI_RETURN_IF_ERROR(MakeDirectories(directory, 0700));
  std::string sibling = directory + "/pair.XXXXXX";
  if (mkdtemp(sibling.data()) == nullptr) {
    return SystemError(errno, fmt::format("make a folder in {}", directory));
  }
  TUTTI_RETURN_IF_ERROR(WriteFileAtomically(
      fmt::format("{}/{}", sibling, kKeyFile), credentials.key.ToPem(), 0600));
  TUTTI_RETURN_IF_ERROR(
      WriteFileAtomically(fmt::format("{}/{}", sibling, kCertificateFile),
                          credentials.CertificatesPem(), 0644));
  const std::string name = sibling.substr(directory.size() + 1);
  TUTTI_RETURN_IF_ERROR(
      ReplaceSymlink(fmt::format("{}/{}", directory, kCurrent), name));
  RemoveOthers(directory, name);
  return absl::OkStatus();
}

}  // namespace tutti
