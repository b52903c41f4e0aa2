// SHA-256.
#ifndef COMMON_SIGNING_DIGEST_H_
#define COMMON_SIGNING_DIGEST_H_

#include <string>
#include <string_view>

namespace tutti {

// Of `bytes`; 32 bytes.
std::string Sha256(std::string_view bytes);

}  // namespace tutti

#endif  // COMMON_SIGNING_DIGEST_H_
