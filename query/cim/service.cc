#include "query/engine/database.h"

namespace tutti::query {

// Started is a boolean: 1 or 0. EnabledState: 2 enabled (it runs), 3 disabled,
// 4 shutting down, 10 starting. State is a word of WMI's Win32_Service, whose
// DisplayName and StartName it has, too.
extern const View kCimService = {
    .name = "CIM_Service",
    .description = "Services of systemd.",
    .select = R"sql(
SELECT 'CIM_Service' AS CreationClassName,
       'CIM_ComputerSystem' AS SystemCreationClassName,
       substr(id, 1, length(id) - length('.service')) AS Name,
       description AS ElementName,
       description AS Caption,
       description AS Description,
       active_state IN ('active', 'reloading') AS Started,
       iif(active_state = 'failed', 'Error', 'OK') AS Status,
       CASE active_state WHEN 'active' THEN 2
                         WHEN 'reloading' THEN 2
                         WHEN 'deactivating' THEN 4
                         WHEN 'activating' THEN 10
                         ELSE 3 END AS EnabledState,
       CASE active_state WHEN 'active' THEN 'Running'
                         WHEN 'reloading' THEN 'Running'
                         WHEN 'deactivating' THEN 'Stop Pending'
                         WHEN 'activating' THEN 'Start Pending'
                         ELSE 'Stopped' END AS State,
       description AS DisplayName,
       user AS StartName
FROM systemd_units
WHERE id LIKE '%.service'
)sql",
};

}  // namespace tutti::query
