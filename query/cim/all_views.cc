#include "query/cim/all_views.h"

namespace tutti::query {

// Each in a file of its name.
extern const View kCimAccount;
extern const View kCimComputerSystem;
extern const View kCimFileSystem;
extern const View kCimGroup;
extern const View kCimIpProtocolEndpoint;
extern const View kCimLogicalDisk;
extern const View kCimNetworkAdapter;
extern const View kCimOperatingSystem;
extern const View kCimPhysicalMemory;
extern const View kCimProcess;
extern const View kCimProcessor;
extern const View kCimService;
extern const View kCimSoftwareIdentity;

const std::vector<View>& AllViews() {
  static const std::vector<View> kViews = {
      kCimAccount,
      kCimComputerSystem,
      kCimFileSystem,
      kCimGroup,
      kCimIpProtocolEndpoint,
      kCimLogicalDisk,
      kCimNetworkAdapter,
      kCimOperatingSystem,
      kCimPhysicalMemory,
      kCimProcess,
      kCimProcessor,
      kCimService,
      kCimSoftwareIdentity,
  };
  return kViews;
}

}  // namespace tutti::query
