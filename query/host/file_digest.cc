#include "query/host/file_digest.h"

#include <openssl/evp.h>

#include "absl/strings/escaping.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/openssl_handles.h"
#include "query/host/regular_file.h"

namespace tutti::query {
namespace {

// Anybody can make a file that takes for ever to read and no room on the disk.
constexpr uint64_t kMostBytes = 16ull << 30;

absl::StatusOr<DigestContextPtr> Begin(std::string_view name) {
  DigestContextPtr context(EVP_MD_CTX_new());
  const EVP_MD* digest = EVP_get_digestbyname(std::string(name).c_str());
  if (context == nullptr || digest == nullptr ||
      EVP_DigestInit_ex(context.get(), digest, nullptr) != 1) {
    return Internal(
        "OpenSSL of this host has no digest {}, as under FIPS; leave its "
        "column out",
        name);
  }
  return context;
}

std::string Finish(EVP_MD_CTX* context) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_DigestFinal_ex(context, digest, &length);
  return absl::BytesToHexString(
      {reinterpret_cast<const char*>(digest), length});
}

}  // namespace

absl::Status CheckDigests(const std::vector<std::string_view>& names) {
  for (const std::string_view name : names) {
    TUTTI_RETURN_IF_ERROR(Begin(name).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> DigestsOf(
    const std::string& path, const std::vector<std::string_view>& names) {
  std::vector<DigestContextPtr> contexts;
  for (const std::string_view name : names) {
    TUTTI_ASSIGN_OR_RETURN(DigestContextPtr context, Begin(name));
    contexts.push_back(std::move(context));
  }
  uint64_t bytes = 0;
  TUTTI_RETURN_IF_ERROR(ReadPieces(path, [&](std::string_view piece) {
    bytes += piece.size();
    if (bytes > kMostBytes) {
      return ResourceExhausted("{} is larger than {}", path,
                               FormatSize(kMostBytes));
    }
    for (const DigestContextPtr& context : contexts) {
      EVP_DigestUpdate(context.get(), piece.data(), piece.size());
    }
    return absl::OkStatus();
  }));
  std::vector<std::string> digests;
  for (const DigestContextPtr& context : contexts) {
    digests.push_back(Finish(context.get()));
  }
  return digests;
}

}  // namespace tutti::query
