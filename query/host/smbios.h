// What the firmware says of the machine: System Management BIOS (DMTF DSP0134).
#ifndef QUERY_HOST_SMBIOS_H_
#define QUERY_HOST_SMBIOS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace tutti::query {

// One structure. A view of the bytes that were parsed.
class SmbiosStructure {
 public:
  SmbiosStructure(std::string_view fields,
                  std::vector<std::string_view> strings)
      : fields_(fields), strings_(std::move(strings)) {}

  uint8_t type() const;
  uint16_t handle() const;
  // The number of `size` bytes (1 to 8) at `offset`, counted from the
  // structure's begin, as the specification does; absent where the structure
  // ends before, as those of older versions do.
  std::optional<uint64_t> Number(size_t offset, size_t size) const;
  // The text whose number stands at `offset`, without blanks around it; empty
  // where there is none.
  std::string_view Text(size_t offset) const;

 private:
  // Header and what has a fixed place.
  std::string_view fields_;
  std::vector<std::string_view> strings_;
};

// Of the bytes of a structure table (/sys/firmware/dmi/tables/DMI), up to the
// structure that ends it, or to one that is longer than the table.
std::vector<SmbiosStructure> ParseSmbios(std::string_view table);

}  // namespace tutti::query

#endif  // QUERY_HOST_SMBIOS_H_
