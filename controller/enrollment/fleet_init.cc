#include "controller/enrollment/fleet_init.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "common/base/address.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/identity/authority.h"
#include "common/identity/identity.h"
#include "common/identity/identity_directory.h"
#include "common/identity/target_trust.h"
#include "common/targets/local_target.h"
#include "controller/enrollment/fleet_files.h"

namespace tutti::controller {
namespace {

constexpr absl::Duration kOperatorLife = absl::Hours(24 * 365);
constexpr absl::Duration kAuthorityLife = absl::Hours(10 * 24 * 365);

// What InitFleet makes at the top of the folder.
constexpr std::array<const char*, 5> kEntries = {
    "controller.yaml", "authorities", "identity", "local", "operators"};

struct Authorities {
  Authority controllers;
  Authority agents;
  Authority operators;
};

absl::StatusOr<Authorities> MakeAuthorities(std::string_view fleet,
                                            absl::Time now) {
  const auto make = [&](Role role) {
    return Authority::Create(role, fleet, now, kAuthorityLife);
  };
  TUTTI_ASSIGN_OR_RETURN(Authority controllers, make(Role::kController));
  TUTTI_ASSIGN_OR_RETURN(Authority agents, make(Role::kAgent));
  TUTTI_ASSIGN_OR_RETURN(Authority operators, make(Role::kOperator));
  return Authorities{std::move(controllers), std::move(agents),
                     std::move(operators)};
}

absl::StatusOr<Credentials> MakeCredentials(const Authority& authority,
                                            const Identity& identity,
                                            absl::Time now,
                                            absl::Duration life) {
  TUTTI_ASSIGN_OR_RETURN(PrivateKey key, PrivateKey::Generate());
  TUTTI_ASSIGN_OR_RETURN(const std::string request, key.MakeSigningRequest());
  TUTTI_ASSIGN_OR_RETURN(Certificate certificate,
                         authority.Issue(request, identity, now, life));
  std::vector<Certificate> certificates;
  certificates.push_back(std::move(certificate));
  return Credentials{std::move(certificates), std::move(key)};
}

std::string HostName() {
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) != 0) return "localhost";
  return name;
}

// The controller's own name, for people: the host's where it can be one.
std::string ControllerName() {
  const std::string host = HostName();
  return ValidateName(host).ok() ? host : "controller";
}

absl::Status CheckAddresses(const std::vector<std::string>& addresses) {
  for (const std::string& address : addresses) {
    TUTTI_RETURN_IF_ERROR(ParseAddress(address).status());
  }
  return absl::OkStatus();
}

// Where others find a controller that listens on these.
absl::StatusOr<std::vector<std::string>> AdvertisedFrom(
    const std::vector<std::string>& listen) {
  std::vector<std::string> advertised;
  for (const std::string& text : listen) {
    TUTTI_ASSIGN_OR_RETURN(Address address, ParseAddress(text));
    if (address.host == "::" || address.host == "0.0.0.0") {
      address.host = HostName();
    }
    const std::string found = address.ToString();
    if (std::find(advertised.begin(), advertised.end(), found) ==
        advertised.end()) {
      advertised.push_back(found);
    }
  }
  return advertised;
}

absl::Status CheckAbsent(const std::string& directory) {
  for (const char* entry : kEntries) {
    const std::string path = fmt::format("{}/{}", directory, entry);
    std::error_code error;
    if (!std::filesystem::exists(path, error)) continue;
    return AlreadyExists(
        "there is a fleet in {} already ({} exists); choose another --dir, or "
        "remove the old fleet first: its agents and operators are lost with it",
        directory, path);
  }
  return absl::OkStatus();
}

void RemoveEntries(const std::string& directory) {
  for (const char* entry : kEntries) {
    std::error_code error;
    std::filesystem::remove_all(fmt::format("{}/{}", directory, entry), error);
  }
}

absl::Status WritePair(const std::string& directory,
                       std::string_view certificates_pem,
                       const PrivateKey& key) {
  TUTTI_RETURN_IF_ERROR(MakeDirectories(directory, 0700));
  TUTTI_RETURN_IF_ERROR(
      WriteFileAtomically(directory + "/key.pem", key.ToPem(), 0600));
  return WriteFileAtomically(directory + "/certificate.pem", certificates_pem,
                             0644);
}

absl::Status WriteAuthority(const std::string& directory,
                            const Authority& authority) {
  return WritePair(directory, authority.certificate().ToPem(), authority.key());
}

// What the controller reads, but for its configuration.
absl::Status WriteControllerPart(const std::string& directory,
                                 const Authorities& authorities,
                                 const Credentials& own) {
  const std::string folder = directory + "/authorities";
  const std::string operators = authorities.operators.certificate().ToPem();
  TUTTI_RETURN_IF_ERROR(MakeDirectories(folder, 0700));
  TUTTI_RETURN_IF_ERROR(
      WriteAuthority(folder + "/controllers", authorities.controllers));
  TUTTI_RETURN_IF_ERROR(WriteAuthority(folder + "/agents", authorities.agents));
  TUTTI_RETURN_IF_ERROR(
      WriteFileAtomically(folder + "/operators.pem", operators, 0644));
  TUTTI_RETURN_IF_ERROR(WriteFileAtomically(
      folder + "/clients.pem",
      authorities.agents.certificate().ToPem() + operators, 0644));
  return SaveIdentity(directory + "/identity", own);
}

// What an operator needs and the controller never reads.
absl::Status WriteOperatorPart(const std::string& directory,
                               std::string_view fleet,
                               const FleetOptions& options,
                               const Authorities& authorities,
                               const Credentials& first_operator) {
  const std::string folder = directory + "/operators";
  TUTTI_RETURN_IF_ERROR(MakeDirectories(folder, 0700));
  TUTTI_RETURN_IF_ERROR(
      WriteAuthority(folder + "/authority", authorities.operators));
  TUTTI_RETURN_IF_ERROR(WritePair(folder + "/" + options.operator_name,
                                  first_operator.CertificatesPem(),
                                  first_operator.key));
  TUTTI_RETURN_IF_ERROR(
      WriteFileAtomically(folder + "/controllers.pem",
                          authorities.controllers.certificate().ToPem(), 0644));
  return WriteFileAtomically(
      folder + "/config.yaml",
      OperatorConfiguration(fleet, options.operator_name, options.controllers),
      0644);
}

// What the controller's own runner needs.
absl::Status WriteLocalPart(const std::string& directory,
                            std::string_view fleet, const FleetOptions& options,
                            const Authorities& authorities) {
  const std::string folder = directory + "/local";
  TUTTI_RETURN_IF_ERROR(WriteTrust(
      folder + "/trust",
      {.fleet = std::string(fleet),
       .name = std::string(kLocalTarget),
       .controllers = options.controllers,
       .operator_authority = authorities.operators.certificate().ToPem(),
       .controller_authority = authorities.controllers.certificate().ToPem()}));
  return WriteFileAtomically(
      folder + "/runner.yaml",
      RunnerSettings(/*state_directory=*/"state", /*agent_user=*/""), 0644);
}

absl::Status CheckOptions(std::string_view fleet, const FleetOptions& options) {
  TUTTI_RETURN_IF_ERROR(ValidateFleetName(fleet));
  TUTTI_RETURN_IF_ERROR(ValidateName(options.operator_name));
  if (options.operator_name == "authority") {
    return InvalidArgument(
        "the first operator can not be named 'authority': the folder of the "
        "operators' authority has that name; choose another");
  }
  if (options.listen.empty()) {
    return InvalidArgument(
        "the controller needs an address to listen on; give one, as in "
        "[::]:7117");
  }
  TUTTI_RETURN_IF_ERROR(CheckAddresses(options.listen));
  return CheckAddresses(options.controllers);
}

}  // namespace

absl::Status InitFleet(std::string_view fleet, const std::string& directory,
                       const FleetOptions& given, absl::Time now) {
  TUTTI_RETURN_IF_ERROR(CheckOptions(fleet, given));
  FleetOptions options = given;
  if (options.controllers.empty()) {
    TUTTI_ASSIGN_OR_RETURN(options.controllers, AdvertisedFrom(options.listen));
  }
  TUTTI_RETURN_IF_ERROR(CheckAbsent(directory));
  TUTTI_ASSIGN_OR_RETURN(const Authorities authorities,
                         MakeAuthorities(fleet, now));
  TUTTI_ASSIGN_OR_RETURN(
      const Credentials own,
      MakeCredentials(authorities.controllers,
                      {Role::kController, std::string(fleet), ControllerName()},
                      now, options.certificate_life));
  TUTTI_ASSIGN_OR_RETURN(const Credentials first_operator,
                         MakeCredentials(authorities.operators,
                                         {Role::kOperator, std::string(fleet),
                                          options.operator_name},
                                         now, kOperatorLife));

  TUTTI_RETURN_IF_ERROR(MakeDirectories(directory, 0700));
  absl::Cleanup remove_half_a_fleet = [&] { RemoveEntries(directory); };
  TUTTI_RETURN_IF_ERROR(WriteControllerPart(directory, authorities, own));
  TUTTI_RETURN_IF_ERROR(WriteOperatorPart(directory, fleet, options,
                                          authorities, first_operator));
  TUTTI_RETURN_IF_ERROR(WriteLocalPart(directory, fleet, options, authorities));
  TUTTI_RETURN_IF_ERROR(WriteFileAtomically(
      directory + "/controller.yaml",
      ControllerConfiguration(fleet, options.listen), 0644));
  std::move(remove_half_a_fleet).Cancel();
  return absl::OkStatus();
}

}  // namespace tutti::controller
