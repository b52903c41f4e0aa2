#include "common/signing/secrets.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/sha256.h"

namespace tutti {
namespace {

constexpr size_t kSaltBytes = 32;

std::string SaltedDigest(const v1::Secret& secret) {
  std::string salted = secret.salt() + secret.value();
  std::string digest = Sha256(salted);
  OPENSSL_cleanse(salted.data(), salted.size());
  return digest;
}

absl::Status CheckSecret(const v1::SecretVariable& variable,
                         const v1::Secret& secret) {
  if (secret.name() != variable.name() || secret.salt().size() != kSaltBytes ||
      SaltedDigest(secret) != variable.digest()) {
    return InvalidArgument(
        "the value of the secret '{}' is not the one that was signed for; "
        "start the job anew",
        variable.name());
  }
  if (secret.value().find('\0') != std::string::npos) {
    return InvalidArgument(
        "the value of the secret '{}' has a NUL byte; leave it out",
        variable.name());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::Secret> MakeSecret(std::string name, std::string value) {
  v1::Secret secret;
  std::string& salt = *secret.mutable_salt();
  salt.resize(kSaltBytes);
  if (RAND_bytes(reinterpret_cast<unsigned char*>(salt.data()),
                 static_cast<int>(salt.size())) != 1) {
    return Internal("OpenSSL gives no random bytes; try again");
  }
  secret.set_name(std::move(name));
  secret.set_value(std::move(value));
  return secret;
}

v1::SecretVariable ToVariable(const v1::Secret& secret) {
  v1::SecretVariable variable;
  variable.set_name(secret.name());
  variable.set_digest(SaltedDigest(secret));
  return variable;
}

absl::Status CheckSecrets(const v1::JobSpec& spec, const SecretList& secrets) {
  if (secrets.size() < spec.secrets_size()) {
    return InvalidArgument(
        "the value of the secret '{}' did not come along, as after a restart "
        "of the controller; start the job anew",
        spec.secrets(secrets.size()).name());
  }
  if (secrets.size() > spec.secrets_size()) {
    return InvalidArgument(
        "the secret '{}' is none of the job's; sign it as well",
        secrets[spec.secrets_size()].name());
  }
  for (int i = 0; i < secrets.size(); ++i) {
    TUTTI_RETURN_IF_ERROR(CheckSecret(spec.secrets(i), secrets[i]));
  }
  return CheckSecretsSize(secrets);
}

absl::Status CheckSecretsSize(const SecretList& secrets) {
  size_t bytes = 0;
  for (const v1::Secret& secret : secrets) bytes += secret.ByteSizeLong();
  if (bytes <= kMaxSecretBytes) return absl::OkStatus();
  return InvalidArgument(
      "the secrets take {} bytes in all, their names included, {} are "
      "possible; put larger ones into files on the targets",
      bytes, kMaxSecretBytes);
}

void Wipe(SecretList& secrets) {
  for (v1::Secret& secret : secrets) {
    std::string& value = *secret.mutable_value();
    OPENSSL_cleanse(value.data(), value.size());
  }
  secrets.Clear();
}

}  // namespace tutti
