#include "controller/cli/find_group.h"

#include "common/base/errors.h"
#include "tutti/v1/groups.grpc.pb.h"

namespace tutti::cli {

absl::StatusOr<v1::Group> FindGroup(const std::string& name,
                                    Connection& connection) {
  v1::ListGroupsRequest request;
  request.set_name(name);
  TUTTI_ASSIGN_OR_RETURN(
      const v1::ListGroupsResponse response,
      connection.Call(&v1::GroupService::Stub::ListGroups, request));
  if (response.groups_size() == 1) return response.groups(0);
  return Internal(
      "the controller answered with other groups than '{}'; use programs of "
      "the same version",
      name);
}

}  // namespace tutti::cli
