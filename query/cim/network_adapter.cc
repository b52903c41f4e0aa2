#include "query/engine/database.h"

namespace tutti::query {

// 772 is the loopback, which is no adapter. EnabledState: 2 enabled (IFF_UP),
// 3 disabled. NetworkAddresses are hexadecimal digits without colons, Speed is
// in bits a second.
extern const View kCimNetworkAdapter = {
    .name = "CIM_NetworkAdapter",
    .description = "Network interfaces but the loopback.",
    .select = R"sql(
SELECT 'CIM_NetworkAdapter' AS CreationClassName,
       'CIM_ComputerSystem' AS SystemCreationClassName,
       interface AS DeviceID,
       interface AS Name,
       interface AS ElementName,
       iif(flags & 1, 2, 3) AS EnabledState,
       upper(replace(mac, ':', '')) AS NetworkAddresses,
       link_speed * 1000000 AS Speed,
       obytes AS OctetsTransmitted,
       ibytes AS OctetsReceived
FROM interface_details
WHERE type <> 772
)sql",
};

}  // namespace tutti::query
