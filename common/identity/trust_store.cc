#include "common/identity/trust_store.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/openssl_handles.h"

namespace tutti {
namespace {

using StoreContextPtr =
    std::unique_ptr<X509_STORE_CTX, Free<X509_STORE_CTX_free>>;

// A stack that borrows its certificates.
struct StackDeleter {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using StackPtr = std::unique_ptr<STACK_OF(X509), StackDeleter>;

// "the certificate of operator alice", or of whom it may be.
std::string NameOf(const Certificate& certificate) {
  const absl::StatusOr<Identity> identity = certificate.identity();
  if (!identity.ok()) return "the certificate";
  return fmt::format("the certificate of {} '{}'", RoleName(identity->role),
                     identity->name);
}

absl::Status Explain(X509_STORE_CTX* context, const Certificate& leaf) {
  const int error = X509_STORE_CTX_get_error(context);
  const bool of_leaf = X509_STORE_CTX_get_error_depth(context) == 0;
  const std::string name =
      of_leaf ? NameOf(leaf) : "the authority of " + NameOf(leaf);
  X509* current = X509_STORE_CTX_get_current_cert(context);
  if (current != nullptr) X509_up_ref(current);
  const Certificate refused{X509Ptr(current)};
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return PermissionDenied("{} expired on {}; renew it", name,
                              FormatDate(refused.not_after()));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return PermissionDenied(
          "{} is not valid before {}; check the clocks of both hosts", name,
          FormatDate(refused.not_before()));
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return PermissionDenied(
          "{} is of an unknown authority; use one that this fleet's authority "
          "issued",
          NameOf(leaf));
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
      return PermissionDenied(
          "{} was issued by an authority of another trust domain, which may "
          "not; have it issued by the right authority",
          NameOf(leaf));
    default:
      return PermissionDenied("{} can not be trusted: {}; have it issued anew",
                              name, X509_verify_cert_error_string(error));
  }
}

}  // namespace

absl::StatusOr<TrustStore> TrustStore::FromPem(std::string_view pem) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<Certificate> authorities,
                         Certificate::ListFromPem(pem));
  TrustStore trust;
  trust.store_.reset(X509_STORE_new());
  for (const Certificate& authority : authorities) {
    if (X509_check_ca(authority.get()) == 0) {
      return InvalidArgument(
          "{} is not an authority's; give the authority's certificate",
          NameOf(authority));
    }
    if (X509_STORE_add_cert(trust.store_.get(), authority.get()) != 1) {
      return Internal("cannot take in an authority: {}", OpenSslError());
    }
  }
  return trust;
}

absl::StatusOr<Identity> TrustStore::Verify(
    const Certificate& leaf, const std::vector<Certificate>& intermediates,
    absl::Time time) const {
  const StackPtr untrusted(sk_X509_new_null());
  for (const Certificate& intermediate : intermediates) {
    sk_X509_push(untrusted.get(), intermediate.get());
  }
  const StoreContextPtr context(X509_STORE_CTX_new());
  if (context == nullptr ||
      X509_STORE_CTX_init(context.get(), store_.get(), leaf.get(),
                          untrusted.get()) != 1) {
    return Internal("cannot check a certificate: {}", OpenSslError());
  }
  X509_STORE_CTX_set_time(context.get(), 0, absl::ToTimeT(time));
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_X509_STRICT);
  const bool good = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  if (!good) return Explain(context.get(), leaf);
  absl::StatusOr<Identity> identity = leaf.identity();
  if (!identity.ok()) {
    return PermissionDenied("{}", TextOf(identity.status()));
  }
  return identity;
}

}  // namespace tutti
