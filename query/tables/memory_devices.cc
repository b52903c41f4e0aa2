// Memory modules, as the firmware knows them (DMTF DSP0134, type 17).
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/regular_file.h"
#include "query/host/smbios.h"

namespace tutti::query {
namespace {

constexpr uint8_t kMemoryDevice = 17;
// Of a number of two bytes: not known, or given in a longer field.
constexpr uint64_t kUnknown = 0xffff, kExtendedSize = 0x7fff;
// The size is in KiB, otherwise in MiB.
constexpr uint64_t kInKibibytes = 0x8000;

// By their numbers, from 1 on.
constexpr std::string_view kFormFactors[] = {
    "Other",  "Unknown", "SIMM",         "SIP",
    "Chip",   "DIP",     "ZIP",          "Proprietary Card",
    "DIMM",   "TSOP",    "Row of chips", "RIMM",
    "SODIMM", "SRIMM",   "FB-DIMM",      "Die",
    "CAMM"};
constexpr std::string_view kTypes[] = {"Other",
                                       "Unknown",
                                       "DRAM",
                                       "EDRAM",
                                       "VRAM",
                                       "SRAM",
                                       "RAM",
                                       "ROM",
                                       "FLASH",
                                       "EEPROM",
                                       "FEPROM",
                                       "EPROM",
                                       "CDRAM",
                                       "3DRAM",
                                       "SDRAM",
                                       "SGRAM",
                                       "RDRAM",
                                       "DDR",
                                       "DDR2",
                                       "DDR2 FB-DIMM",
                                       "RESERVED",
                                       "RESERVED",
                                       "RESERVED",
                                       "DDR3",
                                       "FBD2",
                                       "DDR4",
                                       "LPDDR",
                                       "LPDDR2",
                                       "LPDDR3",
                                       "LPDDR4",
                                       "Logical non-volatile device",
                                       "HBM",
                                       "HBM2",
                                       "DDR5",
                                       "LPDDR5",
                                       "HBM3"};
// By their bits, from the lowest on.
constexpr std::string_view kDetails[] = {"Reserved",
                                         "Other",
                                         "Unknown",
                                         "Fast-paged",
                                         "Static column",
                                         "Pseudo-static",
                                         "RAMBUS",
                                         "Synchronous",
                                         "CMOS",
                                         "EDO",
                                         "Window DRAM",
                                         "Cache DRAM",
                                         "Non-volatile",
                                         "Registered (Buffered)",
                                         "Unbuffered (Unregistered)",
                                         "LRDIMM"};

template <size_t kCount>
std::optional<std::string_view> NameAt(const std::string_view (&names)[kCount],
                                       std::optional<uint64_t> number) {
  if (!number.has_value() || *number == 0 || *number > kCount) {
    return std::nullopt;
  }
  return names[*number - 1];
}

std::optional<std::string> Details(const SmbiosStructure& device) {
  const std::optional<uint64_t> bits = device.Number(0x13, 2);
  if (!bits.has_value()) return std::nullopt;
  std::string text;
  for (size_t i = 0; i < std::size(kDetails); ++i) {
    if ((*bits >> i & 1) == 0) continue;
    if (!text.empty()) text += ' ';
    text += kDetails[i];
  }
  return text;
}

std::optional<std::string> Handle(std::optional<uint64_t> number) {
  if (!number.has_value()) return std::nullopt;
  return fmt::format("0x{:04x}", *number);
}

// Absent where it is one of those that say that nothing is known.
std::optional<uint64_t> Known(std::optional<uint64_t> number,
                              std::initializer_list<uint64_t> unknown) {
  for (const uint64_t one : unknown) {
    if (number == one) return std::nullopt;
  }
  return number;
}

// In MiB, of which a part is a whole one; 0: the slot is empty.
std::optional<uint64_t> Size(const SmbiosStructure& device) {
  const std::optional<uint64_t> size =
      Known(device.Number(0x0c, 2), {kUnknown});
  if (size == kExtendedSize) return device.Number(0x1c, 4);
  if (size.has_value() && (*size & kInKibibytes) != 0) {
    return ((*size & ~kInKibibytes) + 1023) / 1024;
  }
  return size;
}

// In megatransfers a second, of version 3.3 in a longer field.
std::optional<uint64_t> Speed(const SmbiosStructure& device, size_t offset,
                              size_t extended_offset) {
  const std::optional<uint64_t> speed = device.Number(offset, 2);
  if (speed == kUnknown) return Known(device.Number(extended_offset, 4), {0});
  return Known(speed, {0});
}

void AddRow(const SmbiosStructure& device, Rows& rows) {
  Row& row = rows.Add();
  row.Set("handle", Handle(device.handle()));
  row.Set("array_handle", Handle(device.Number(0x04, 2)));
  row.Set("form_factor", NameAt(kFormFactors, device.Number(0x0e, 1)));
  row.Set("total_width", Known(device.Number(0x08, 2), {kUnknown}));
  row.Set("data_width", Known(device.Number(0x0a, 2), {kUnknown}));
  row.Set("size", Size(device));
  row.Set("set", Known(device.Number(0x0f, 1), {0xff}));
  row.Set("memory_type", NameAt(kTypes, device.Number(0x12, 1)));
  row.Set("memory_type_details", Details(device));
  row.Set("max_speed", Speed(device, 0x15, 0x54));
  row.Set("configured_clock_speed", Speed(device, 0x20, 0x58));
  constexpr std::pair<std::string_view, size_t> kTexts[] = {
      {"device_locator", 0x10}, {"bank_locator", 0x11}, {"manufacturer", 0x17},
      {"serial_number", 0x18},  {"asset_tag", 0x19},    {"part_number", 0x1a}};
  for (const auto& [column, offset] : kTexts) {
    row.Set(column, device.Text(offset));
  }
  row.Set("min_voltage", Known(device.Number(0x22, 2), {0}));
  row.Set("max_voltage", Known(device.Number(0x24, 2), {0}));
  row.Set("configured_voltage", Known(device.Number(0x26, 2), {0}));
}

absl::Status GenerateMemoryDevices(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(
      const std::string content,
      ReadIfThere(request.Path("/sys/firmware/dmi/tables/DMI")));
  for (const SmbiosStructure& structure : ParseSmbios(content)) {
    if (structure.type() == kMemoryDevice) AddRow(structure, rows);
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kMemoryDevicesTable = {
    .name = "memory_devices",
    .description =
        "Slots for memory and what is in them, as the firmware "
        "says. Only root can read it.",
    .columns =
        {
            {"handle", ColumnType::kText, "Number in SMBIOS, such as 0x0011"},
            {"array_handle", ColumnType::kText,
             "Number of the array that it belongs to"},
            {"form_factor", ColumnType::kText, "DIMM, SODIMM, ..."},
            {"total_width", ColumnType::kInteger,
             "Bits, with those that correct errors"},
            {"data_width", ColumnType::kInteger, "Bits of data"},
            {"size", ColumnType::kInteger,
             "Size in units of 1048576 bytes; 0: the slot is empty"},
            {"set", ColumnType::kInteger,
             "Set of modules that it belongs to; 0: none"},
            {"device_locator", ColumnType::kText,
             "What is printed at the slot"},
            {"bank_locator", ColumnType::kText, "What is printed at the bank"},
            {"memory_type", ColumnType::kText, "DDR4, ..."},
            {"memory_type_details", ColumnType::kText,
             "Synchronous, Registered (Buffered), ..., with blanks between"},
            {"max_speed", ColumnType::kInteger,
             "Megatransfers a second that it can do"},
            {"configured_clock_speed", ColumnType::kInteger,
             "Megatransfers a second that it does"},
            {"manufacturer", ColumnType::kText, "Vendor"},
            {"serial_number", ColumnType::kText, "Serial number"},
            {"asset_tag", ColumnType::kText, "Tag of the inventory"},
            {"part_number", ColumnType::kText, "Model"},
            {"min_voltage", ColumnType::kInteger, "Least millivolts"},
            {"max_voltage", ColumnType::kInteger, "Most millivolts"},
            {"configured_voltage", ColumnType::kInteger,
             "Millivolts that it gets"},
        },
    .generate = GenerateMemoryDevices,
};

}  // namespace tutti::query
