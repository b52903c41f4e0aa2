#include "query/engine/database.h"

namespace tutti::query {

// InstallDate is a datetime of CIM (DSP0004), in UTC. VersionString compares as
// dpkg orders versions.
extern const View kCimSoftwareIdentity = {
    .name = "CIM_SoftwareIdentity",
    .description = "Packages that are installed.",
    .select = R"sql(
SELECT format || ':' || name || ':' || architecture || ':' || epoch || ':' ||
           version || iif(release = '', '', '-' || release) AS InstanceID,
       name AS Name,
       name AS ElementName,
       (iif(epoch, epoch || ':', '') || version ||
           iif(release = '', '', '-' || release)) COLLATE dpkg_version
           AS VersionString,
       strftime('%Y%m%d%H%M%S.000000+000', installed_at, 'unixepoch')
           AS InstallDate,
       1 AS IsEntity
FROM packages
WHERE status = 'installed'
)sql",
};

}  // namespace tutti::query
