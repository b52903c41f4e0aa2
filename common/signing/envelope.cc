#include "common/signing/envelope.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/sha256.h"
#include "common/signing/merkle_hasher.h"

namespace tutti {
namespace {

// Nothing else that is ever signed with an operator's key begins like this.
constexpr std::string_view kDomainSeparator("tutti job signature v1\0", 23);

std::string SignedBytes(std::string_view spec) {
  std::string bytes;
  bytes.reserve(kDomainSeparator.size() + spec.size());
  bytes.append(kDomainSeparator).append(spec);
  return bytes;
}

std::string LeafBytes(std::string_view name, std::string_view parameters) {
  v1::TargetLeaf leaf;
  leaf.set_name(std::string(name));
  if (!parameters.empty()) leaf.set_parameters_digest(Sha256(parameters));
  return leaf.SerializeAsString();
}

std::optional<MerkleHash> ToHash(std::string_view bytes) {
  MerkleHash hash;
  if (bytes.size() != hash.size()) return std::nullopt;
  std::memcpy(hash.data(), bytes.data(), hash.size());
  return hash;
}

absl::Status CheckSize(size_t bytes) {
  if (bytes <= kMaxSpecBytes) return absl::OkStatus();
  return InvalidArgument(
      "the job is {} large, at most {} are possible; put large content into a "
      "file on the targets",
      FormatSize(bytes), FormatSize(kMaxSpecBytes));
}

absl::StatusOr<v1::Envelope> ParseEnvelope(std::string_view bytes) {
  v1::Envelope envelope;
  if (bytes.size() > (64u << 20) ||
      !envelope.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return InvalidArgument(
        "the signed job can not be parsed; it was damaged on its way, or the "
        "program that made it is of another version");
  }
  TUTTI_RETURN_IF_ERROR(CheckSize(envelope.spec().size()));
  if (envelope.signatures_size() != 1) {
    return PermissionDenied(
        "the job carries {} signatures, this version accepts exactly one; "
        "sign it again with one operator's key",
        envelope.signatures_size());
  }
  return envelope;
}

// By the operator's key, or by that of a delegation which the operator signed.
absl::Status CheckSignature(const v1::Envelope& envelope, const Signer& signer,
                            std::optional<OpenedDelegation>& delegation) {
  const v1::JobSignature& signature = envelope.signatures(0);
  const std::string bytes = SignedBytes(envelope.spec());
  if (!signature.has_delegation()) {
    if (signer.certificate.VerifySignature(bytes, signature.signature())) {
      return absl::OkStatus();
    }
    return PermissionDenied(
        "the signature of operator '{}' does not fit the job: it was changed "
        "after it was signed",
        signer.identity.name);
  }
  TUTTI_ASSIGN_OR_RETURN(
      delegation, OpenDelegation(signature.delegation(), signer.certificate));
  TUTTI_ASSIGN_OR_RETURN(const PublicKey key,
                         PublicKey::FromDer(delegation->bounds.public_key()));
  if (key.VerifySignature(bytes, signature.signature())) {
    return absl::OkStatus();
  }
  return PermissionDenied(
      "the job is not signed with the key that operator '{}' delegated to, or "
      "was changed after it was signed",
      signer.identity.name);
}

// What is left to check once it is known whose certificate came along.
absl::StatusOr<OpenedEnvelope> OpenFrom(const v1::Envelope& envelope,
                                        const Signer& signer) {
  OpenedEnvelope opened;
  TUTTI_RETURN_IF_ERROR(CheckSignature(envelope, signer, opened.delegation));
  opened.signer = signer.identity;
  if (!opened.spec.ParseFromString(envelope.spec())) {
    return InvalidArgument(
        "the job that operator '{}' signed can not be parsed; the program "
        "that made it is of another version",
        signer.identity.name);
  }
  TUTTI_RETURN_IF_ERROR(CheckSpec(opened.spec));
  if (signer.identity.fleet != opened.spec.fleet()) {
    return PermissionDenied(
        "the job is for fleet '{}' but signed by an operator of fleet '{}'; "
        "sign it with a certificate of the fleet it is for",
        opened.spec.fleet(), signer.identity.fleet);
  }
  if (opened.delegation.has_value()) {
    TUTTI_RETURN_IF_ERROR(CheckDelegatedSpec(*opened.delegation, opened.spec));
  }
  return opened;
}

}  // namespace

absl::StatusOr<MerkleTree> MakeTargetTree(const std::vector<std::string>& names,
                                          const ParameterList& parameters) {
  if (names.empty()) {
    return InvalidArgument("the list of targets is empty; name at least one");
  }
  MerkleHasher hasher;
  std::vector<MerkleHash> leaves;
  leaves.reserve(names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0 && names[i - 1] >= names[i]) {
      return InvalidArgument(
          "the list of targets is not sorted or not unique at '{}'; sort it "
          "bytewise",
          names[i]);
    }
    leaves.push_back(
        hasher.Leaf(LeafBytes(names[i], ParametersOf(parameters, names[i]))));
  }
  return MerkleTree(leaves);
}

v1::TargetProof MakeTargetProof(const MerkleTree& tree, uint64_t index) {
  v1::TargetProof proof;
  proof.set_leaf_index(index);
  for (const MerkleHash& hash : tree.Proof(index)) {
    proof.add_hashes(hash.data(), hash.size());
  }
  return proof;
}

absl::StatusOr<v1::Envelope> SignSpec(const v1::JobSpec& spec,
                                      const JobSigner& signer) {
  TUTTI_RETURN_IF_ERROR(CheckSize(spec.ByteSizeLong()));
  TUTTI_RETURN_IF_ERROR(CheckSpec(spec));
  if (signer.delegation != nullptr) {
    TUTTI_ASSIGN_OR_RETURN(
        const OpenedDelegation delegation,
        OpenDelegation(*signer.delegation, signer.certificates.front()));
    TUTTI_RETURN_IF_ERROR(CheckDelegatedSpec(delegation, spec));
  }
  v1::Envelope envelope;
  spec.SerializeToString(envelope.mutable_spec());
  v1::JobSignature& signature = *envelope.add_signatures();
  TUTTI_ASSIGN_OR_RETURN(*signature.mutable_signature(),
                         signer.key.Sign(SignedBytes(envelope.spec())));
  for (const Certificate& certificate : signer.certificates) {
    signature.add_certificates(certificate.ToDer());
  }
  if (signer.delegation != nullptr) {
    *signature.mutable_delegation() = *signer.delegation;
  }
  return envelope;
}

absl::StatusOr<OpenedEnvelope> OpenEnvelope(
    std::string_view serialized_envelope, const TrustStore& operators,
    absl::Time now) {
  TUTTI_ASSIGN_OR_RETURN(const v1::Envelope envelope,
                         ParseEnvelope(serialized_envelope));
  TUTTI_ASSIGN_OR_RETURN(const Signer signer,
                         VerifySigner(envelope.signatures(0), operators, now));
  return OpenFrom(envelope, signer);
}

absl::StatusOr<OpenedEnvelope> OpenEnvelope(
    std::string_view serialized_envelope, SignerChains& signers,
    absl::Time now) {
  TUTTI_ASSIGN_OR_RETURN(const v1::Envelope envelope,
                         ParseEnvelope(serialized_envelope));
  TUTTI_ASSIGN_OR_RETURN(const std::shared_ptr<const Signer> signer,
                         signers.Verify(envelope.signatures(0), now));
  return OpenFrom(envelope, *signer);
}

bool IsSignedWith(std::string_view serialized_envelope,
                  const Certificate& certificate) {
  const absl::StatusOr<v1::Envelope> envelope =
      ParseEnvelope(serialized_envelope);
  return envelope.ok() &&
         certificate.VerifySignature(SignedBytes(envelope->spec()),
                                     envelope->signatures(0).signature());
}

absl::Status CheckTarget(const v1::JobSpec& spec, std::string_view target,
                         const v1::TargetProof& proof,
                         std::string_view parameters) {
  absl::Status refusal = PermissionDenied(
      "'{}' is not among the {} targets that were signed, or not {}; sign the "
      "job for it as well",
      target, spec.target_count(),
      parameters.empty() ? "without parameters" : "with these parameters");
  const std::optional<MerkleHash> root = ToHash(spec.targets_root());
  if (!root.has_value()) return refusal;
  // No tree of at most 2^64 leaves is higher.
  if (proof.hashes_size() > 64) return refusal;
  std::vector<MerkleHash> hashes;
  for (const std::string& bytes : proof.hashes()) {
    const std::optional<MerkleHash> hash = ToHash(bytes);
    if (!hash.has_value()) return refusal;
    hashes.push_back(*hash);
  }
  if (!VerifyMerkleProof(HashLeaf(LeafBytes(target, parameters)),
                         proof.leaf_index(), spec.target_count(), hashes,
                         *root)) {
    return refusal;
  }
  return absl::OkStatus();
}

}  // namespace tutti
