// SHA-256.
#ifndef COMMON_IDENTITY_SHA256_H_
#define COMMON_IDENTITY_SHA256_H_

#include <memory>
#include <string>
#include <string_view>

namespace tutti {

// 32 bytes.
std::string Sha256(std::string_view bytes);

// Of bytes that come piece by piece. Not thread-safe.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  void Add(std::string_view bytes);
  // 32 bytes; nothing may be added after it.
  std::string Finish();

 private:
  struct Context;
  const std::unique_ptr<Context> context_;
};

}  // namespace tutti

#endif  // COMMON_IDENTITY_SHA256_H_
