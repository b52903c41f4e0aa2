#include "query/engine/database.h"

namespace tutti::query {

// Sizes are in bytes; booleans are 1 or 0.
extern const View kCimFileSystem = {
    .name = "CIM_FileSystem",
    .description = "File systems that are mounted, also those on no disk.",
    .select = R"sql(
SELECT 'CIM_FileSystem' AS CreationClassName,
       'CIM_ComputerSystem' AS CSCreationClassName,
       path AS Name,
       path AS Root,
       device AS ElementName,
       path AS Caption,
       iif(error IS NULL, 'OK', 'Lost Comm') AS Status,
       type AS FileSystemType,
       blocks_size AS BlockSize,
       blocks * blocks_size AS FileSystemSize,
       blocks_available * blocks_size AS AvailableSpace,
       inodes - inodes_free AS NumberOfFiles,
       ',' || flags || ',' LIKE '%,ro,%' AS ReadOnly,
       type NOT IN ('vfat', 'msdos', 'exfat', 'ntfs', 'ntfs3') AS CaseSensitive,
       TRUE AS CasePreserved
FROM mounts
)sql",
};

}  // namespace tutti::query
