#include "tests/unit/signing/test_fleet.h"

#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "common/base/duration.h"
#include "common/base/uuid.h"

namespace tutti::testing {
namespace {

constexpr absl::Duration kAuthorityLife = absl::Hours(24 * 365);

template <typename T>
T OrDie(absl::StatusOr<T> value) {
  if (!value.ok()) {
    std::fprintf(stderr, "%s\n", value.status().ToString().c_str());
    std::abort();
  }
  return *std::move(value);
}

Credentials Issue(const Authority& authority, const Identity& identity,
                  absl::Duration life) {
  Credentials credentials{{}, OrDie(PrivateKey::Generate())};
  const std::string request = OrDie(credentials.key.MakeSigningRequest());
  credentials.certificates.push_back(
      OrDie(authority.Issue(request, identity, kTestStart, life)));
  return credentials;
}

}  // namespace

TestFleet::TestFleet(std::string name)
    : name_(std::move(name)),
      operators_(OrDie(Authority::Create(Role::kOperator, name_, kTestStart,
                                         kAuthorityLife))),
      agents_(OrDie(Authority::Create(Role::kAgent, name_, kTestStart,
                                      kAuthorityLife))) {}

Credentials TestFleet::MakeOperator(std::string_view name,
                                    absl::Duration life) const {
  return Issue(operators_, {Role::kOperator, name_, std::string(name)}, life);
}

Credentials TestFleet::MakeAgent(std::string_view name) const {
  return Issue(agents_, {Role::kAgent, name_, std::string(name)},
               absl::Hours(24));
}

// Authority::Issue refuses to, so an agent's certificate is given another name
// and signed again.
Credentials TestFleet::ForgeOperator(std::string_view name) const {
  Credentials credentials = MakeAgent("web01");
  X509Ptr forged(X509_dup(credentials.certificates[0].get()));
  X509_EXTENSION_free(X509_delete_ext(
      forged.get(),
      X509_get_ext_by_NID(forged.get(), NID_subject_alt_name, -1)));
  const std::string uri =
      "critical,URI:" + ToUri({Role::kOperator, name_, std::string(name)});
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, uri.c_str());
  if (extension == nullptr || X509_add_ext(forged.get(), extension, -1) != 1 ||
      X509_sign(forged.get(), agents_.key().get(), EVP_sha256()) <= 0) {
    std::abort();
  }
  X509_EXTENSION_free(extension);
  credentials.certificates[0] = Certificate(std::move(forged));
  return credentials;
}

TrustStore TestFleet::OperatorsTrust() const {
  return OrDie(TrustStore::FromPem(OperatorsPem()));
}

std::string TestFleet::OperatorsPem() const {
  return operators_.certificate().ToPem();
}

TrustStore TestFleet::MixedTrust() const {
  return OrDie(TrustStore::FromPem(operators_.certificate().ToPem() +
                                   agents_.certificate().ToPem()));
}

v1::JobSpec MakeSpec(std::string_view fleet,
                     const std::vector<std::string>& targets) {
  v1::JobSpec spec;
  spec.set_fleet(std::string(fleet));
  spec.set_job_uuid(std::string(Uuid::Generate(kTestStart).bytes()));
  spec.set_attempt(1);
  spec.mutable_command()->add_arguments("/bin/true");
  *spec.mutable_issued_at() = ToProto(kTestStart);
  *spec.mutable_expires_at() = ToProto(kTestStart + absl::Hours(1));
  const MerkleTree tree = OrDie(MakeTargetTree(targets));
  spec.set_target_count(tree.leaf_count());
  spec.set_targets_root(tree.root().data(), tree.root().size());
  spec.mutable_input()->mutable_none();
  return spec;
}

v1::Envelope SignAnything(std::string_view spec_bytes,
                          const Credentials& signer) {
  v1::Envelope envelope;
  envelope.set_spec(std::string(spec_bytes));
  v1::JobSignature& signature = *envelope.add_signatures();
  for (const Certificate& certificate : signer.certificates) {
    signature.add_certificates(certificate.ToDer());
  }
  // Spelled out here, so that a change of the format breaks the tests.
  std::string bytes("tutti job signature v1");
  bytes.push_back('\0');
  bytes += spec_bytes;
  signature.set_signature(OrDie(signer.key.Sign(bytes)));
  return envelope;
}

}  // namespace tutti::testing
