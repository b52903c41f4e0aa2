#include "query/engine/database.h"

namespace tutti::query {

// OSType: 36 LINUX. Sizes are in units of 1024 bytes, CurrentTimeZone is in
// minutes east of Greenwich. Caption and the last two are as WMI's
// Win32_OperatingSystem has them.
extern const View kCimOperatingSystem = {
    .name = "CIM_OperatingSystem",
    .description =
        "The distribution, its kernel and how it is doing, in one row.",
    .select = R"sql(
SELECT 'CIM_OperatingSystem' AS CreationClassName,
       'CIM_ComputerSystem' AS CSCreationClassName,
       s.hostname AS CSName,
       o.name AS Name,
       o.name AS ElementName,
       o.name || ' ' || o.version AS Caption,
       'OK' AS Status,
       36 AS OSType,
       (SELECT version FROM kernel_info) AS Version,
       strftime('%Y%m%d%H%M%S.000000+000', 'now',
                '-' || (SELECT total_seconds FROM uptime) || ' seconds')
           AS LastBootUpTime,
       strftime('%Y%m%d%H%M%S.000000', 'now', 'localtime') ||
           printf('%+04d', (strftime('%s', 'now', 'localtime') -
                            strftime('%s', 'now')) / 60) AS LocalDateTime,
       (strftime('%s', 'now', 'localtime') - strftime('%s', 'now')) / 60
           AS CurrentTimeZone,
       (SELECT count(*) FROM logged_in_users WHERE type = 'user')
           AS NumberOfUsers,
       (SELECT count(*) FROM processes) AS NumberOfProcesses,
       (SELECT CAST(current_value AS INTEGER) FROM system_controls
        WHERE name = 'kernel.pid_max') AS MaxNumberOfProcesses,
       m.memory_total / 1024 AS TotalVisibleMemorySize,
       m.memory_available / 1024 AS FreePhysicalMemory,
       (m.memory_total + m.swap_total) / 1024 AS TotalVirtualMemorySize,
       (m.memory_available + m.swap_free) / 1024 AS FreeVirtualMemory,
       m.swap_total / 1024 AS TotalSwapSpaceSize,
       m.swap_total / 1024 AS SizeStoredInPagingFiles,
       m.swap_free / 1024 AS FreeSpaceInPagingFiles,
       FALSE AS Distributed,
       2 AS EnabledState,
       o.build AS BuildNumber,
       o.arch AS OSArchitecture
FROM system_info s LEFT JOIN os_version o LEFT JOIN memory_info m
)sql",
};

}  // namespace tutti::query
