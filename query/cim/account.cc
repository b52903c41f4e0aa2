#include "query/engine/database.h"

namespace tutti::query {

extern const View kCimAccount = {
    .name = "CIM_Account",
    .description = "Local user accounts.",
    .select = R"sql(
SELECT 'CIM_Account' AS CreationClassName,
       'CIM_ComputerSystem' AS SystemCreationClassName,
       username AS Name,
       CAST(uid AS TEXT) AS UserID,
       username AS ElementName,
       username AS Caption,
       description AS Description
FROM users
)sql",
};

}  // namespace tutti::query
