#include "query/engine/database.h"

namespace tutti::query {

// Sizes are in bytes. FileSystem is of WMI's Win32_LogicalDisk; where a drive
// has a letter there, here it has a folder.
extern const View kCimLogicalDisk = {
    .name = "CIM_LogicalDisk",
    .description = "Disks as they are mounted, and how full they are.",
    .select = R"sql(
SELECT 'CIM_LogicalDisk' AS CreationClassName,
       'CIM_ComputerSystem' AS SystemCreationClassName,
       path AS DeviceID,
       device AS Name,
       device AS ElementName,
       path AS Caption,
       iif(error IS NULL, 'OK', 'Lost Comm') AS Status,
       size_bytes AS Size,
       available_bytes AS FreeSpace,
       type AS FileSystem
FROM disk_usage
)sql",
};

}  // namespace tutti::query
