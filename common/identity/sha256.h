// SHA-256.
#ifndef COMMON_IDENTITY_SHA256_H_
#define COMMON_IDENTITY_SHA256_H_

#include <string>
#include <string_view>

namespace tutti {

// 32 bytes.
std::string Sha256(std::string_view bytes);

}  // namespace tutti

#endif  // COMMON_IDENTITY_SHA256_H_
