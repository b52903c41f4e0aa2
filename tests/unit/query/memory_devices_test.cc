#include <string>
#include <utility>
#include <vector>

#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kFile = "/sys/firmware/dmi/tables/DMI";

// A number in little-endian order.
std::string Number(uint64_t number, size_t size) {
  std::string bytes;
  for (size_t i = 0; i < size; ++i) {
    bytes += static_cast<char>(number >> 8 * i & 0xff);
  }
  return bytes;
}

// A structure of `length` bytes with these fields, by their offsets.
std::string Structure(uint8_t type, uint16_t handle, size_t length,
                      const std::vector<std::pair<size_t, std::string>>& fields,
                      const std::vector<std::string>& strings) {
  std::string bytes(length, '\0');
  bytes.replace(0, 4, Number(type, 1) + Number(length, 1) + Number(handle, 2));
  for (const auto& [offset, value] : fields) {
    bytes.replace(offset, value.size(), value);
  }
  for (const std::string& text : strings) bytes += text + '\0';
  return bytes + std::string(strings.empty() ? 2 : 1, '\0');
}

std::string End() { return Structure(127, 0x7f, 4, {}, {}); }

std::string Module() {
  return Structure(17, 0x11, 0x28,
                   {{0x04, Number(0x10, 2)},
                    {0x08, Number(72, 2)},
                    {0x0a, Number(64, 2)},
                    {0x0c, Number(16384, 2)},
                    {0x0e, Number(9, 1)},
                    {0x10, Number(1, 1)},
                    {0x11, Number(2, 1)},
                    {0x12, Number(0x1a, 1)},
                    {0x13, Number(0x2080, 2)},
                    {0x15, Number(3200, 2)},
                    {0x17, Number(3, 1)},
                    {0x18, Number(4, 1)},
                    {0x1a, Number(5, 1)},
                    {0x20, Number(2933, 2)},
                    {0x22, Number(1200, 2)},
                    {0x26, Number(1200, 2)}},
                   {"DIMM_A1", "BANK 0", "Samsung", "0042", "M393A2K43  "});
}

using MemoryDevicesTest = QueryTest;

TEST_F(MemoryDevicesTest, AModuleIsKnownByItsFields) {
  Write(kFile, Structure(0, 0, 24, {}, {"BIOS", "1.0"}) + Module() + End());
  EXPECT_THAT(
      Query("SELECT handle, array_handle, form_factor, total_width, "
            "data_width, size, \"set\", device_locator, bank_locator, "
            "memory_type, memory_type_details, max_speed FROM memory_devices"),
      ElementsAre(ElementsAre("0x0011", "0x0010", "DIMM", "72", "64", "16384",
                              "0", "DIMM_A1", "BANK 0", "DDR4",
                              "Synchronous Registered (Buffered)", "3200")));
  EXPECT_THAT(
      Query("SELECT configured_clock_speed, manufacturer, serial_number, "
            "asset_tag, part_number, min_voltage, max_voltage, "
            "configured_voltage FROM memory_devices"),
      ElementsAre(ElementsAre("2933", "Samsung", "0042", "", "M393A2K43",
                              "1200", "NULL", "1200")));
  EXPECT_THAT(
      Query("SELECT Tag, Capacity, FormFactor, MemoryType, "
            "MaxMemorySpeed FROM CIM_PhysicalMemory"),
      ElementsAre(ElementsAre("0x0011", "17179869184", "8", "26", "3200")));
}

// If this fails, large modules have a wrong size, or small ones.
TEST_F(MemoryDevicesTest, SizesHaveThreeForms) {
  const auto device = [](uint64_t size, uint64_t extended) {
    return Structure(17, 1, 0x5c,
                     {{0x0c, Number(size, 2)}, {0x1c, Number(extended, 4)}},
                     {});
  };
  Write(kFile, device(0x7fff, 65536) + device(0x8000 | 4096, 0) +
                   device(0x8000 | 512, 0) + device(0xffff, 0) + device(0, 0) +
                   End());
  EXPECT_THAT(
      Query("SELECT size FROM memory_devices"),
      ElementsAre(ElementsAre("65536"), ElementsAre("4"), ElementsAre("1"),
                  ElementsAre("NULL"), ElementsAre("0")));
  // A slot without a module is no memory; a module of unknown size is some.
  EXPECT_THAT(Query("SELECT Capacity FROM CIM_PhysicalMemory"),
              ElementsAre(ElementsAre("68719476736"), ElementsAre("4194304"),
                          ElementsAre("1048576"), ElementsAre("NULL")));
}

TEST_F(MemoryDevicesTest, FieldsOfLaterVersionsMayBeMissing) {
  Write(kFile, Structure(17, 1, 0x15, {{0x10, Number(1, 1)}}, {"A"}) + End());
  EXPECT_THAT(Query("SELECT device_locator, max_speed, manufacturer, "
                    "configured_voltage FROM memory_devices"),
              ElementsAre(ElementsAre("A", "NULL", "", "NULL")));
}

TEST_F(MemoryDevicesTest, WhatIsCutOrBehindTheEndIsLeftOut) {
  Write(kFile, Module() + End() + Module());
  EXPECT_THAT(Query("SELECT size FROM memory_devices"),
              ElementsAre(ElementsAre("16384")));
  Write(kFile, Module() + Module().substr(0, 20));
  EXPECT_THAT(Query("SELECT size FROM memory_devices"),
              ElementsAre(ElementsAre("16384")));
  // A text whose number is too large.
  Write(kFile, Structure(17, 1, 0x15, {{0x10, Number(9, 1)}}, {"A"}));
  EXPECT_THAT(Query("SELECT device_locator FROM memory_devices"),
              ElementsAre(ElementsAre("")));
}

TEST_F(MemoryDevicesTest, IsNoneWithoutTheFile) {
  EXPECT_THAT(Query("SELECT * FROM memory_devices"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
