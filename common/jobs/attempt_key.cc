#include "common/jobs/attempt_key.h"

#include <cstdint>
#include <cstring>

#include "common/base/uuid.h"

namespace tutti {

std::string KeyBytes(const v1::AttemptKey& key) {
  const uint32_t attempt = key.attempt();
  std::string bytes;
  bytes.reserve(sizeof attempt + Uuid::kSize + key.target().size());
  bytes.append(reinterpret_cast<const char*>(&attempt), sizeof attempt);
  bytes.append(key.job_uuid());
  bytes.resize(sizeof attempt + Uuid::kSize);
  bytes.append(key.target());
  return bytes;
}

v1::AttemptKey KeyFromBytes(std::string_view bytes) {
  v1::AttemptKey key;
  uint32_t attempt = 0;
  std::memcpy(&attempt, bytes.data(), sizeof attempt);
  bytes.remove_prefix(sizeof attempt);
  key.set_attempt(attempt);
  key.set_job_uuid(std::string(bytes.substr(0, Uuid::kSize)));
  key.set_target(std::string(bytes.substr(Uuid::kSize)));
  return key;
}

}  // namespace tutti
