#include "query/engine/database.h"

namespace tutti::query {

// Capacity is in bytes, speeds are in megahertz, IsSpeedInMhz says which
// property has the speed. FormFactor: 2 SIP, 3 DIP, 4 ZIP, 6 proprietary, 7
// SIMM, 8 DIMM, 9 TSOP, 11 RIMM, 12 SODIMM, 13 SRIMM, 1 another one, 0 unknown.
// MemoryType is one of the schema's numbers too: 20 DDR, 21 DDR2, 24 DDR3, 26
// DDR4, 1 another one. DeviceLocator is of WMI's Win32_PhysicalMemory.
extern const View kCimPhysicalMemory = {
    .name = "CIM_PhysicalMemory",
    .description =
        "Memory modules, as the firmware knows them; root alone may ask it.",
    .select = R"sql(
SELECT 'CIM_PhysicalMemory' AS CreationClassName,
       handle AS Tag,
       device_locator AS Name,
       device_locator AS ElementName,
       device_locator AS Caption,
       size * 1048576 AS Capacity,
       CASE form_factor WHEN 'SIP' THEN 2
                        WHEN 'DIP' THEN 3
                        WHEN 'ZIP' THEN 4
                        WHEN 'Proprietary Card' THEN 6
                        WHEN 'SIMM' THEN 7
                        WHEN 'DIMM' THEN 8
                        WHEN 'FB-DIMM' THEN 8
                        WHEN 'TSOP' THEN 9
                        WHEN 'RIMM' THEN 11
                        WHEN 'SODIMM' THEN 12
                        WHEN 'SRIMM' THEN 13
                        WHEN 'Unknown' THEN 0
                        ELSE iif(form_factor IS NULL, 0, 1) END AS FormFactor,
       CASE memory_type WHEN 'DRAM' THEN 2
                        WHEN 'EDRAM' THEN 6
                        WHEN 'VRAM' THEN 7
                        WHEN 'SRAM' THEN 8
                        WHEN 'RAM' THEN 9
                        WHEN 'ROM' THEN 10
                        WHEN 'FLASH' THEN 11
                        WHEN 'EEPROM' THEN 12
                        WHEN 'FEPROM' THEN 13
                        WHEN 'EPROM' THEN 14
                        WHEN 'CDRAM' THEN 15
                        WHEN '3DRAM' THEN 16
                        WHEN 'SDRAM' THEN 17
                        WHEN 'SGRAM' THEN 18
                        WHEN 'RDRAM' THEN 19
                        WHEN 'DDR' THEN 20
                        WHEN 'DDR2' THEN 21
                        WHEN 'DDR2 FB-DIMM' THEN 23
                        WHEN 'DDR3' THEN 24
                        WHEN 'FBD2' THEN 25
                        WHEN 'DDR4' THEN 26
                        WHEN 'Unknown' THEN 0
                        ELSE iif(memory_type IS NULL, 0, 1) END AS MemoryType,
       TRUE AS IsSpeedInMhz,
       max_speed AS MaxMemorySpeed,
       configured_clock_speed AS ConfiguredMemoryClockSpeed,
       total_width AS TotalWidth,
       data_width AS DataWidth,
       bank_locator AS BankLabel,
       manufacturer AS Manufacturer,
       part_number AS PartNumber,
       serial_number AS SerialNumber,
       device_locator AS DeviceLocator
FROM memory_devices
WHERE size IS NOT 0
)sql",
};

}  // namespace tutti::query
