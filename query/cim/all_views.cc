#include "query/cim/all_views.h"

namespace tutti::query {

// Each in a file of its name.
extern const View kCimAccount;
extern const View kCimGroup;
extern const View kCimIpProtocolEndpoint;
extern const View kCimNetworkAdapter;
extern const View kCimSoftwareIdentity;

const std::vector<View>& AllViews() {
  static const std::vector<View> kViews = {
      kCimAccount,
      kCimGroup,
      kCimIpProtocolEndpoint,
      kCimNetworkAdapter,
      kCimSoftwareIdentity,
  };
  return kViews;
}

}  // namespace tutti::query
