#include "common/signing/signer_chains.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/sha256.h"

namespace tutti {
namespace {

constexpr int kMaxCertificates = 8;
constexpr size_t kMaxChains = 64;
// Bounds how long an authority that has expired itself is still believed: its
// certificate is not among the signer's.
constexpr absl::Duration kReverifyAfter = absl::Hours(1);

absl::StatusOr<std::vector<Certificate>> ParseCertificates(
    const v1::JobSignature& signature) {
  if (signature.certificates().empty()) {
    return PermissionDenied(
        "the signature comes without the signer's certificate; sign the job "
        "again with tutti");
  }
  if (signature.certificates_size() > kMaxCertificates) {
    return PermissionDenied(
        "the signature comes with {} certificates, at most {} are accepted; "
        "shorten the operator's certificate chain",
        signature.certificates_size(), kMaxCertificates);
  }
  std::vector<Certificate> certificates;
  for (const std::string& der : signature.certificates()) {
    TUTTI_ASSIGN_OR_RETURN(Certificate certificate, Certificate::FromDer(der));
    certificates.push_back(std::move(certificate));
  }
  return certificates;
}

absl::StatusOr<Signer> VerifyChain(std::vector<Certificate> certificates,
                                   const TrustStore& operators,
                                   absl::Time now) {
  // Before the chain, so that the refusal names the mistake.
  TUTTI_ASSIGN_OR_RETURN(const Identity claimed,
                         certificates.front().identity());
  if (claimed.role != Role::kOperator) {
    return PermissionDenied(
        "the job is signed by the {} '{}'; only an operator may sign jobs",
        RoleName(claimed.role), claimed.name);
  }
  Certificate leaf = std::move(certificates.front());
  certificates.erase(certificates.begin());
  absl::StatusOr<Identity> identity = operators.Verify(leaf, certificates, now);
  if (!identity.ok()) {
    return WithPrefix("the signer of the job is refused", identity.status());
  }
  return Signer{std::move(leaf), *std::move(identity)};
}

std::string DigestOf(const v1::JobSignature& signature) {
  // Serialised without the signature: lengths and bytes of each certificate.
  v1::JobSignature chain;
  *chain.mutable_certificates() = signature.certificates();
  return Sha256(chain.SerializeAsString());
}

absl::Time EarliestEnd(const std::vector<Certificate>& certificates) {
  absl::Time end = absl::InfiniteFuture();
  for (const Certificate& certificate : certificates) {
    end = std::min(end, certificate.not_after());
  }
  return end;
}

}  // namespace

absl::StatusOr<Signer> VerifySigner(const v1::JobSignature& signature,
                                    const TrustStore& operators,
                                    absl::Time now) {
  TUTTI_ASSIGN_OR_RETURN(std::vector<Certificate> certificates,
                         ParseCertificates(signature));
  return VerifyChain(std::move(certificates), operators, now);
}

SignerChains::SignerChains(TrustStore operators)
    : operators_(std::move(operators)) {}

absl::StatusOr<std::shared_ptr<const Signer>> SignerChains::Verify(
    const v1::JobSignature& signature, absl::Time now) {
  std::string digest = DigestOf(signature);
  {
    MutexLock lock(mutex_);
    const auto found = by_digest_.find(digest);
    if (found != by_digest_.end()) {
      const auto entry = found->second;
      // A clock that was set back is a reason to look again, too.
      if (now >= entry->verified_at && now < entry->until) {
        entries_.splice(entries_.begin(), entries_, entry);
        return entry->signer;
      }
      entries_.erase(entry);
      by_digest_.erase(found);
    }
  }
  TUTTI_ASSIGN_OR_RETURN(std::vector<Certificate> certificates,
                         ParseCertificates(signature));
  const absl::Time until =
      std::min(EarliestEnd(certificates), now + kReverifyAfter);
  TUTTI_ASSIGN_OR_RETURN(Signer signer,
                         VerifyChain(std::move(certificates), operators_, now));
  auto shared = std::make_shared<const Signer>(std::move(signer));

  MutexLock lock(mutex_);
  if (by_digest_.contains(digest)) return shared;
  entries_.push_front(Entry{digest, shared, now, until});
  by_digest_[std::move(digest)] = entries_.begin();
  if (entries_.size() > kMaxChains) {
    by_digest_.erase(entries_.back().digest);
    entries_.pop_back();
  }
  return shared;
}

size_t SignerChains::size() const {
  MutexLock lock(mutex_);
  return entries_.size();
}

}  // namespace tutti
