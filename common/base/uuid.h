// UUIDs, as 16 bytes.
#ifndef COMMON_BASE_UUID_H_
#define COMMON_BASE_UUID_H_

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tutti {

// A value; the nil UUID when default-constructed.
class Uuid {
 public:
  static constexpr int kSize = 16;
  // Hexadecimal digits that may stand for one whose beginning they are: fewer
  // ("cafe", "add") are a name.
  static constexpr size_t kShortestPrefix = 8;

  Uuid() = default;

  // A UUIDv7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then
  // random bits from the kernel.
  static Uuid Generate(absl::Time now);
  // From exactly 16 bytes.
  static absl::StatusOr<Uuid> FromBytes(std::string_view bytes);
  // From "01890a5d-ac96-774b-bcce-b302099a8057", in upper or lower case.
  static absl::StatusOr<Uuid> Parse(std::string_view text);

  // The 16 bytes; valid as long as this object.
  std::string_view bytes() const {
    return {reinterpret_cast<const char*>(bytes_), kSize};
  }
  // In the canonical form, lower case.
  std::string ToString() const;
  bool IsNil() const { return *this == Uuid(); }

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Uuid& uuid) {
    return H::combine(std::move(h), uuid.bytes());
  }

 private:
  uint8_t bytes_[kSize] = {};
};

}  // namespace tutti

#endif  // COMMON_BASE_UUID_H_
