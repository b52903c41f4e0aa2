#include "common/identity/sha256.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "common/identity/openssl_handles.h"

namespace tutti {

std::string Sha256(std::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

struct Sha256Stream::Context {
  DigestContextPtr digest;
};

Sha256Stream::Sha256Stream()
    : context_(std::make_unique<Context>(
          Context{DigestContextPtr(EVP_MD_CTX_new())})) {
  EVP_DigestInit_ex(context_->digest.get(), EVP_sha256(), nullptr);
}

Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::Add(std::string_view bytes) {
  EVP_DigestUpdate(context_->digest.get(), bytes.data(), bytes.size());
}

std::string Sha256Stream::Finish() {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  EVP_DigestFinal_ex(context_->digest.get(),
                     reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  return digest;
}

}  // namespace tutti
