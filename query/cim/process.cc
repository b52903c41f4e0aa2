#include "query/engine/database.h"

namespace tutti::query {

// ExecutionState: 0 unknown, 3 running, 4 blocked, 7 terminated, 8 stopped.
// Times of CPU use are in milliseconds, sizes in bytes. ParentProcessID to
// ProcessNiceValue are of CIM_UnixProcess; what follows is of WMI's
// Win32_Process.
extern const View kCimProcess = {
    .name = "CIM_Process",
    .description = "Processes that run.",
    .select = R"sql(
SELECT 'CIM_Process' AS CreationClassName,
       'CIM_ComputerSystem' AS CSCreationClassName,
       'CIM_OperatingSystem' AS OSCreationClassName,
       CAST(pid AS TEXT) AS Handle,
       name AS Name,
       name AS ElementName,
       name AS Caption,
       CASE state WHEN 'R' THEN 3
                  WHEN 'S' THEN 4
                  WHEN 'D' THEN 4
                  WHEN 'I' THEN 4
                  WHEN 'Z' THEN 7
                  WHEN 'X' THEN 7
                  WHEN 'T' THEN 8
                  WHEN 't' THEN 8
                  ELSE 0 END AS ExecutionState,
       strftime('%Y%m%d%H%M%S.000000+000', start_time, 'unixepoch')
           AS CreationDate,
       system_time AS KernelModeTime,
       user_time AS UserModeTime,
       resident_size AS WorkingSetSize,
       parent AS ParentProcessID,
       pgroup AS ProcessGroupID,
       uid AS RealUserID,
       nice AS ProcessNiceValue,
       path AS ModulePath,
       pid AS ProcessId,
       path AS ExecutablePath,
       cmdline AS CommandLine,
       threads AS ThreadCount,
       total_size AS VirtualSize
FROM processes
)sql",
};

}  // namespace tutti::query
