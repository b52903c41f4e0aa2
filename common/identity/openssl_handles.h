// OpenSSL's objects with owners, and text in and out of it. For sources, not
// for headers.
#ifndef COMMON_IDENTITY_OPENSSL_HANDLES_H_
#define COMMON_IDENTITY_OPENSSL_HANDLES_H_

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

namespace tutti {

// std::unique_ptr<X509, Free<X509_free>>
template <auto free_function>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    free_function(object);
  }
};

using BioPtr = std::unique_ptr<BIO, Free<BIO_free>>;
using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using RequestPtr = std::unique_ptr<X509_REQ, Free<X509_REQ_free>>;

// Reads from `text`, which must outlive it.
inline BioPtr BioOver(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

inline BioPtr EmptyBio() { return BioPtr(BIO_new(BIO_s_mem())); }

inline std::string ContentOf(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  return length > 0 ? std::string(data, static_cast<size_t>(length)) : "";
}

inline const unsigned char* Bytes(std::string_view data) {
  return reinterpret_cast<const unsigned char*>(data.data());
}

// Takes what an i2d function allocated.
inline std::string TakeDer(unsigned char* der, int length) {
  std::string bytes(reinterpret_cast<char*>(der), static_cast<size_t>(length));
  OPENSSL_free(der);
  return bytes;
}

// SubjectPublicKeyInfo (RFC 5280, 4.1); empty when there is no memory.
std::string PublicKeyDer(const EVP_PKEY* key);

// Whether a key, private or public, is on the one curve that Tutti uses.
bool IsP256(const EVP_PKEY* key);

// ECDSA with SHA-256, DER.
bool VerifySignature(EVP_PKEY* key, std::string_view data,
                     std::string_view signature);

}  // namespace tutti

#endif  // COMMON_IDENTITY_OPENSSL_HANDLES_H_
