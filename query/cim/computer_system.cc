#include "query/engine/database.h"

namespace tutti::query {

// EnabledState: 2 enabled. TotalPhysicalMemory is in bytes. What follows
// EnabledState is of WMI's Win32_ComputerSystem.
extern const View kCimComputerSystem = {
    .name = "CIM_ComputerSystem",
    .description = "The host as a machine, in one row.",
    .select = R"sql(
SELECT 'CIM_ComputerSystem' AS CreationClassName,
       hostname AS Name,
       hostname AS ElementName,
       hostname AS Caption,
       'OK' AS Status,
       2 AS EnabledState,
       hostname AS DNSHostName,
       hardware_vendor AS Manufacturer,
       hardware_model AS Model,
       cpu_sockets AS NumberOfProcessors,
       cpu_logical_cores AS NumberOfLogicalProcessors,
       physical_memory AS TotalPhysicalMemory
FROM system_info
)sql",
};

}  // namespace tutti::query
