#include "query/engine/database.h"

namespace tutti::query {

// An address is of IPv6 when there is a colon in it. A mask of IPv6 is as long
// as its digits f, and what the one behind them adds.
//
// ProtocolIFType: 4096 IPv4, 4097 IPv6. IPVersionSupport: 1 IPv4 only, 2 IPv6
// only. AddressOrigin: 3 static, 4 DHCP, 8 IPv6 autoconfiguration.
extern const View kCimIpProtocolEndpoint = {
    .name = "CIM_IPProtocolEndpoint",
    .description = "IP addresses of network interfaces.",
    .select = R"sql(
SELECT 'CIM_IPProtocolEndpoint' AS CreationClassName,
       'CIM_ComputerSystem' AS SystemCreationClassName,
       interface || '_' || address AS Name,
       interface AS ElementName,
       iif(instr(address, ':'), NULL, address) AS IPv4Address,
       iif(instr(address, ':'), NULL, mask) AS SubnetMask,
       iif(instr(address, ':'), address, NULL) AS IPv6Address,
       iif(instr(address, ':'),
           4 * (length(mask) - length(replace(mask, 'f', ''))) +
               CASE WHEN instr(mask, 'e') THEN 3
                    WHEN instr(mask, 'c') THEN 2
                    WHEN instr(mask, '8') THEN 1
                    ELSE 0 END,
           NULL) AS PrefixLength,
       iif(instr(address, ':'), 4097, 4096) AS ProtocolIFType,
       iif(instr(address, ':'), 2, 1) AS IPVersionSupport,
       CASE type WHEN 'dhcp' THEN 4 WHEN 'auto' THEN 8 ELSE 3 END
           AS AddressOrigin
FROM interface_addresses
)sql",
};

}  // namespace tutti::query
