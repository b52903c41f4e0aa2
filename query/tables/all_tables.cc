#include "query/tables/all_tables.h"

namespace tutti::query {

// Each in a file of its name.
extern const Table kCpuInfoTable;
extern const Table kCpuTimeTable;
extern const Table kEnvironmentTable;
extern const Table kKernelInfoTable;
extern const Table kKernelModulesTable;
extern const Table kListeningPortsTable;
extern const Table kLoadAverageTable;
extern const Table kMemoryInfoTable;
extern const Table kOsVersionTable;
extern const Table kPressureTable;
extern const Table kProcessEnvsTable;
extern const Table kProcessOpenFilesTable;
extern const Table kProcessOpenSocketsTable;
extern const Table kProcessesTable;
extern const Table kSystemControlsTable;
extern const Table kSystemInfoTable;
extern const Table kTimeTable;
extern const Table kUptimeTable;
extern const Table kAuthorizedKeysTable;
extern const Table kBlockDevicesTable;
extern const Table kCertificatesTable;
extern const Table kCrontabTable;
extern const Table kDiskUsageTable;
extern const Table kDnsResolversTable;
extern const Table kEtcHostsTable;
extern const Table kEtcServicesTable;
extern const Table kFileTable;
extern const Table kGroupsTable;
extern const Table kHashTable;
extern const Table kLastTable;
extern const Table kLoggedInUsersTable;
extern const Table kMountsTable;
extern const Table kShadowTable;
extern const Table kSshConfigsTable;
extern const Table kStartupItemsTable;
extern const Table kSudoersTable;
extern const Table kUserGroupsTable;
extern const Table kUsersTable;

const std::vector<const Table*>& AllTables() {
  static const std::vector<const Table*> kTables = {
      &kCpuInfoTable,
      &kCpuTimeTable,
      &kEnvironmentTable,
      &kKernelInfoTable,
      &kKernelModulesTable,
      &kListeningPortsTable,
      &kLoadAverageTable,
      &kMemoryInfoTable,
      &kOsVersionTable,
      &kPressureTable,
      &kProcessEnvsTable,
      &kProcessOpenFilesTable,
      &kProcessOpenSocketsTable,
      &kProcessesTable,
      &kSystemControlsTable,
      &kSystemInfoTable,
      &kTimeTable,
      &kUptimeTable,
      &kUsersTable,
      &kAuthorizedKeysTable, &kBlockDevicesTable, &kCertificatesTable,
      &kCrontabTable,        &kDiskUsageTable,    &kDnsResolversTable,
      &kEtcHostsTable,       &kEtcServicesTable,  &kFileTable,
      &kGroupsTable,         &kHashTable,         &kLastTable,
      &kLoggedInUsersTable,  &kMountsTable,       &kShadowTable,
      &kSshConfigsTable,     &kStartupItemsTable, &kSudoersTable,
      &kUserGroupsTable,     &kUsersTable,
  };
  return kTables;
}

}  // namespace tutti::query
