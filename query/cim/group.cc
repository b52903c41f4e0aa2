#include "query/engine/database.h"

namespace tutti::query {

extern const View kCimGroup = {
    .name = "CIM_Group",
    .description = "Local groups.",
    .select = R"sql(
SELECT 'CIM_Group' AS CreationClassName,
       groupname AS Name,
       groupname AS CommonName,
       groupname AS ElementName,
       groupname AS Caption,
       CAST(gid AS TEXT) AS InstanceID
FROM groups
)sql",
};

}  // namespace tutti::query
