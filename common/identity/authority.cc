#include "common/identity/authority.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/openssl_handles.h"

namespace tutti {
namespace {

using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using NameConstraintsPtr =
    std::unique_ptr<NAME_CONSTRAINTS, Free<NAME_CONSTRAINTS_free>>;
using BigNumberPtr = std::unique_ptr<BIGNUM, Free<BN_free>>;

constexpr absl::Duration kMaxBackdate = absl::Minutes(5);
constexpr int kSerialBits = 128;

// Small beside the life, which two thirds of the whole are to be part of.
absl::Duration Backdate(absl::Duration life) {
  return std::min(kMaxBackdate, life / 10);
}

absl::Status CannotMake() {
  return Internal("cannot make a certificate: {}", OpenSslError());
}

absl::Status SetSerial(X509* certificate) {
  const BigNumberPtr serial(BN_new());
  // Positive, and never shorter than its 128 bits (RFC 5280, section 4.1.2.2).
  if (BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) !=
          1 ||
      BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) ==
          nullptr) {
    return CannotMake();
  }
  return absl::OkStatus();
}

absl::Status SetValidity(X509* certificate, absl::Time from, absl::Time to) {
  if (ASN1_TIME_set(X509_getm_notBefore(certificate), absl::ToTimeT(from)) ==
          nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(certificate), absl::ToTimeT(to)) ==
          nullptr) {
    return CannotMake();
  }
  return absl::OkStatus();
}

// `value` in the notation of x509v3_config(5).
absl::Status AddExtension(X509* certificate, X509* issuer, int nid,
                          const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  if (extension == nullptr ||
      X509_add_ext(certificate, extension.get(), -1) != 1) {
    return CannotMake();
  }
  return absl::OkStatus();
}

absl::Status AddNameEntry(X509_NAME* name, const char* field,
                          const std::string& value) {
  if (X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, Bytes(value), -1,
                                 -1, 0) != 1) {
    return CannotMake();
  }
  return absl::OkStatus();
}

// Everything of a certificate but its extensions and signature.
absl::StatusOr<X509Ptr> NewCertificate(EVP_PKEY* key, absl::Time from,
                                       absl::Time to) {
  X509Ptr certificate(X509_new());
  if (certificate == nullptr ||
      X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      X509_set_pubkey(certificate.get(), key) != 1) {
    return CannotMake();
  }
  TUTTI_RETURN_IF_ERROR(SetSerial(certificate.get()));
  TUTTI_RETURN_IF_ERROR(SetValidity(certificate.get(), from, to));
  return certificate;
}

std::string ExtendedKeyUsage(Role role) {
  return role == Role::kController ? "serverAuth,clientAuth" : "clientAuth";
}

absl::Status AddLeafExtensions(X509* certificate, X509* issuer,
                               const Identity& identity) {
  const auto add = [&](int nid, const std::string& value) {
    return AddExtension(certificate, issuer, nid, value);
  };
  TUTTI_RETURN_IF_ERROR(add(NID_basic_constraints, "critical,CA:FALSE"));
  TUTTI_RETURN_IF_ERROR(add(NID_key_usage, "critical,digitalSignature"));
  TUTTI_RETURN_IF_ERROR(
      add(NID_ext_key_usage, ExtendedKeyUsage(identity.role)));
  TUTTI_RETURN_IF_ERROR(add(NID_subject_key_identifier, "hash"));
  TUTTI_RETURN_IF_ERROR(add(NID_authority_key_identifier, "keyid:always"));
  // The subject is empty, so this is critical (RFC 5280, section 4.2.1.6).
  return add(NID_subject_alt_name,
             fmt::format("critical,URI:{}", ToUri(identity)));
}

// The one URI domain that an authority is bound to: "agents.demo".
absl::StatusOr<std::string> DomainOf(const Certificate& certificate) {
  int critical = 0;
  const NameConstraintsPtr constraints(
      static_cast<NAME_CONSTRAINTS*>(X509_get_ext_d2i(
          certificate.get(), NID_name_constraints, &critical, nullptr)));
  const absl::Status unbound = InvalidArgument(
      "the authority is not bound to one trust domain by a critical name "
      "constraint; make the fleet's authorities with tutti-controller init");
  if (constraints == nullptr || critical != 1 ||
      sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees) != 1) {
    return unbound;
  }
  const GENERAL_NAME* base =
      sk_GENERAL_SUBTREE_value(constraints->permittedSubtrees, 0)->base;
  if (base->type != GEN_URI) return unbound;
  const ASN1_IA5STRING* text = base->d.uniformResourceIdentifier;
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                     static_cast<size_t>(ASN1_STRING_length(text)));
}

}  // namespace

absl::StatusOr<Authority> Authority::Create(Role role, std::string_view fleet,
                                            absl::Time now,
                                            absl::Duration life) {
  TUTTI_RETURN_IF_ERROR(ValidateFleetName(fleet));
  const std::string domain = TrustDomain(role, fleet);
  TUTTI_ASSIGN_OR_RETURN(PrivateKey key, PrivateKey::Generate());
  TUTTI_ASSIGN_OR_RETURN(
      X509Ptr certificate,
      NewCertificate(key.get(), now - Backdate(life), now + life));
  X509* x509 = certificate.get();
  X509_NAME* subject = X509_get_subject_name(x509);
  TUTTI_RETURN_IF_ERROR(AddNameEntry(subject, "O", std::string(fleet)));
  TUTTI_RETURN_IF_ERROR(AddNameEntry(
      subject, "CN", fmt::format("Tutti {} authority", RoleName(role))));
  if (X509_set_issuer_name(x509, subject) != 1) return CannotMake();
  const auto add = [&](int nid, const std::string& value) {
    return AddExtension(x509, x509, nid, value);
  };
  TUTTI_RETURN_IF_ERROR(
      add(NID_basic_constraints, "critical,CA:TRUE,pathlen:0"));
  TUTTI_RETURN_IF_ERROR(add(NID_key_usage, "critical,keyCertSign,cRLSign"));
  TUTTI_RETURN_IF_ERROR(add(NID_subject_key_identifier, "hash"));
  TUTTI_RETURN_IF_ERROR(add(NID_name_constraints,
                            fmt::format("critical,permitted;URI:{}", domain)));
  if (X509_sign(x509, key.get(), EVP_sha256()) <= 0) return CannotMake();
  return Authority(Certificate(std::move(certificate)), std::move(key), domain);
}

absl::StatusOr<Authority> Authority::FromPem(std::string_view certificate_pem,
                                             std::string_view key_pem) {
  TUTTI_ASSIGN_OR_RETURN(Certificate certificate,
                         Certificate::FromPem(certificate_pem));
  TUTTI_ASSIGN_OR_RETURN(PrivateKey key, PrivateKey::FromPem(key_pem));
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    OpenSslError();
    return InvalidArgument(
        "the authority's key does not fit its certificate; both must come from "
        "the same folder");
  }
  TUTTI_ASSIGN_OR_RETURN(std::string domain, DomainOf(certificate));
  return Authority(std::move(certificate), std::move(key), std::move(domain));
}

absl::StatusOr<Certificate> Authority::Issue(
    std::string_view signing_request_der, const Identity& identity,
    absl::Time now, absl::Duration life) const {
  TUTTI_RETURN_IF_ERROR(ValidateFleetName(identity.fleet));
  TUTTI_RETURN_IF_ERROR(ValidateName(identity.name));
  if ((identity.role == Role::kDelegate) != identity.job.has_value()) {
    return InvalidArgument(
        "the {} '{}' {}; only a delegate is one of a job",
        RoleName(identity.role), identity.name,
        identity.job.has_value() ? "can have no job" : "has no job");
  }
  if (TrustDomain(identity.role, identity.fleet) != domain_) {
    return InvalidArgument(
        "the authority of {} can not issue {}; use the authority of {}",
        domain_, ToUri(identity), TrustDomain(identity.role, identity.fleet));
  }
  if (now >= certificate_.not_after()) {
    return InvalidArgument(
        "the authority of {} expired on {}; the fleet needs new authorities",
        domain_, FormatDate(certificate_.not_after()));
  }
  TUTTI_ASSIGN_OR_RETURN(EvpPkeyPtr key,
                         KeyOfSigningRequest(signing_request_der));
  TUTTI_ASSIGN_OR_RETURN(
      X509Ptr certificate,
      NewCertificate(key.get(), now - Backdate(life),
                     std::min(now + life, certificate_.not_after())));
  if (X509_set_issuer_name(certificate.get(),
                           X509_get_subject_name(certificate_.get())) != 1) {
    return CannotMake();
  }
  TUTTI_RETURN_IF_ERROR(
      AddLeafExtensions(certificate.get(), certificate_.get(), identity));
  if (X509_sign(certificate.get(), key_.get(), EVP_sha256()) <= 0) {
    return CannotMake();
  }
  return Certificate(std::move(certificate));
}

}  // namespace tutti
