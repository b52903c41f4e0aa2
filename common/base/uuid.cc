#include "common/base/uuid.h"

#include <sys/random.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "common/base/errors.h"

namespace tutti {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool HasDashBefore(int byte) {
  return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

}  // namespace

Uuid Uuid::Generate(absl::Time now) {
  Uuid uuid;
  // 16 bytes never block or come short once the pool is ready (getrandom(2)).
  if (getrandom(uuid.bytes_, kSize, 0) != kSize) std::abort();
  const uint64_t milliseconds = static_cast<uint64_t>(absl::ToUnixMillis(now));
  for (int i = 0; i < 6; ++i) {
    uuid.bytes_[i] = static_cast<uint8_t>(milliseconds >> (8 * (5 - i)));
  }
  uuid.bytes_[6] = static_cast<uint8_t>(0x70 | (uuid.bytes_[6] & 0x0f));
  uuid.bytes_[8] = static_cast<uint8_t>(0x80 | (uuid.bytes_[8] & 0x3f));
  return uuid;
}

absl::StatusOr<Uuid> Uuid::FromBytes(std::string_view bytes) {
  if (bytes.size() != kSize) {
    return InvalidArgument("a UUID has 16 bytes, not {}", bytes.size());
  }
  Uuid uuid;
  std::memcpy(uuid.bytes_, bytes.data(), kSize);
  return uuid;
}

absl::StatusOr<Uuid> Uuid::Parse(std::string_view text) {
  const absl::Status malformed = InvalidArgument(
      "'{}' is not a UUID; it looks like "
      "01890a5d-ac96-774b-bcce-b302099a8057",
      text);
  if (text.size() != 36) return malformed;
  Uuid uuid;
  size_t at = 0;
  for (int i = 0; i < kSize; ++i) {
    if (HasDashBefore(i) && text[at++] != '-') return malformed;
    const int high = HexValue(text[at]);
    const int low = HexValue(text[at + 1]);
    if (high < 0 || low < 0) return malformed;
    uuid.bytes_[i] = static_cast<uint8_t>(high << 4 | low);
    at += 2;
  }
  return uuid;
}

std::string Uuid::ToString() const {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (int i = 0; i < kSize; ++i) {
    if (HasDashBefore(i)) text.push_back('-');
    text.push_back(kDigits[bytes_[i] >> 4]);
    text.push_back(kDigits[bytes_[i] & 15]);
  }
  return text;
}

}  // namespace tutti
