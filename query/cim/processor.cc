#include "query/engine/database.h"

namespace tutti::query {

// Clock speeds are in megahertz. CPUStatus: 1 enabled. EnabledState: 2 enabled.
// What follows EnabledState is of WMI's Win32_Processor; ProcessorType: 3
// central processor.
extern const View kCimProcessor = {
    .name = "CIM_Processor",
    .description = "The CPUs, a row for each socket.",
    .select = R"sql(
SELECT 'CIM_Processor' AS CreationClassName,
       'CIM_ComputerSystem' AS SystemCreationClassName,
       device_id AS DeviceID,
       model AS Name,
       model AS ElementName,
       'Central Processor' AS Role,
       cpu_status AS CPUStatus,
       current_clock_speed AS CurrentClockSpeed,
       max_clock_speed AS MaxClockSpeed,
       CAST(address_width AS INTEGER) AS AddressWidth,
       CAST(address_width AS INTEGER) AS DataWidth,
       CAST(number_of_cores AS INTEGER) AS NumberOfEnabledCores,
       2 AS EnabledState,
       manufacturer AS Manufacturer,
       CAST(number_of_cores AS INTEGER) AS NumberOfCores,
       logical_processors AS NumberOfLogicalProcessors,
       CAST(processor_type AS INTEGER) AS ProcessorType
FROM cpu_info
)sql",
};

}  // namespace tutti::query
