#include "query/tables/all_tables.h"

namespace tutti::query {

// Each in a file of its name.
extern const Table kAptSourcesTable;
extern const Table kArpCacheTable;
extern const Table kAuthorizedKeysTable;
extern const Table kBlockDevicesTable;
extern const Table kCertificatesTable;
extern const Table kCpuInfoTable;
extern const Table kCpuTimeTable;
extern const Table kCrontabTable;
extern const Table kDebPackagesTable;
extern const Table kDiskUsageTable;
extern const Table kDnsResolversTable;
extern const Table kEnvironmentTable;
extern const Table kEtcHostsTable;
extern const Table kEtcServicesTable;
extern const Table kFileTable;
extern const Table kGroupsTable;
extern const Table kHashTable;
extern const Table kInterfaceAddressesTable;
extern const Table kInterfaceDetailsTable;
extern const Table kJournalTable;
extern const Table kKernelInfoTable;
extern const Table kKernelModulesTable;
extern const Table kLastTable;
extern const Table kListeningPortsTable;
extern const Table kLoadAverageTable;
extern const Table kLoggedInUsersTable;
extern const Table kMemoryDevicesTable;
extern const Table kMemoryInfoTable;
extern const Table kMountsTable;
extern const Table kOsVersionTable;
extern const Table kPackagesTable;
extern const Table kPressureTable;
extern const Table kProcessEnvsTable;
extern const Table kProcessOpenFilesTable;
extern const Table kProcessOpenSocketsTable;
extern const Table kProcessesTable;
extern const Table kRoutesTable;
extern const Table kRpmPackagesTable;
extern const Table kShadowTable;
extern const Table kSshConfigsTable;
extern const Table kStartupItemsTable;
extern const Table kSudoersTable;
extern const Table kSystemControlsTable;
extern const Table kSystemInfoTable;
extern const Table kSystemdUnitsTable;
extern const Table kTimeTable;
extern const Table kTuttiKindsTable;
extern const Table kUptimeTable;
extern const Table kUserGroupsTable;
extern const Table kUsersTable;

const std::vector<const Table*>& AllTables() {
  // clang-format off: one a line
  static const std::vector<const Table*> kTables = {
      &kAptSourcesTable,
      &kArpCacheTable,
      &kAuthorizedKeysTable,
      &kBlockDevicesTable,
      &kCertificatesTable,
      &kCpuInfoTable,
      &kCpuTimeTable,
      &kCrontabTable,
      &kDebPackagesTable,
      &kDiskUsageTable,
      &kDnsResolversTable,
      &kEnvironmentTable,
      &kEtcHostsTable,
      &kEtcServicesTable,
      &kFileTable,
      &kGroupsTable,
      &kHashTable,
      &kInterfaceAddressesTable,
      &kInterfaceDetailsTable,
      &kJournalTable,
      &kKernelInfoTable,
      &kKernelModulesTable,
      &kLastTable,
      &kListeningPortsTable,
      &kLoadAverageTable,
      &kLoggedInUsersTable,
      &kMemoryDevicesTable,
      &kMemoryInfoTable,
      &kMountsTable,
      &kOsVersionTable,
      &kPackagesTable,
      &kPressureTable,
      &kProcessEnvsTable,
      &kProcessOpenFilesTable,
      &kProcessOpenSocketsTable,
      &kProcessesTable,
      &kRoutesTable,
      &kRpmPackagesTable,
      &kShadowTable,
      &kSshConfigsTable,
      &kStartupItemsTable,
      &kSudoersTable,
      &kSystemControlsTable,
      &kSystemInfoTable,
      &kSystemdUnitsTable,
      &kTimeTable,
      &kTuttiKindsTable,
      &kUptimeTable,
      &kUserGroupsTable,
      &kUsersTable,
  };
  // clang-format on
  return kTables;
}

}  // namespace tutti::query
