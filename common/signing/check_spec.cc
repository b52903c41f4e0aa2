// The rules of a job spec: CheckSpec and CheckSpecTime of envelope.h.
#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ascii.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/signing/check_input.h"
#include "common/signing/check_process.h"
#include "common/signing/envelope.h"
#include "common/signing/unknown_fields.h"

namespace tutti {
namespace {

constexpr size_t kMaxUserNameBytes = 256;  // LOGIN_NAME_MAX
// 9999-12-31T23:59:59Z, the last second of a protobuf Timestamp.
constexpr int64_t kMaxTimestampSeconds = 253'402'300'799;
constexpr int64_t kMaxDurationSeconds = 315'576'000'000;  // 10,000 years

bool HasNul(std::string_view bytes) {
  return bytes.find('\0') != std::string_view::npos;
}

absl::Status CheckJob(const v1::JobSpec& spec) {
  const absl::Status fleet = ValidateFleetName(spec.fleet());
  if (!fleet.ok()) return WithPrefix("fleet", fleet);
  const absl::StatusOr<Uuid> uuid = Uuid::FromBytes(spec.job_uuid());
  if (!uuid.ok()) return WithPrefix("job_uuid", uuid.status());
  // RFC 9562: version 7, variant 10.
  const std::string_view bytes = uuid->bytes();
  if ((bytes[6] & 0xf0) != 0x70 || (bytes[8] & 0xc0) != 0x80) {
    return InvalidArgument(
        "job_uuid: {} is not of version 7 (RFC 9562); make one that is",
        uuid->ToString());
  }
  if (spec.attempt() == 0) {
    return InvalidArgument("attempt: it counts from 1; set it");
  }
  return absl::OkStatus();
}

bool IsVariableName(std::string_view name) {
  if (name.empty() || IsDigit(name[0])) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return IsLetter(c) || IsDigit(c) || c == '_';
  });
}

absl::Status CheckEnvironment(const v1::JobSpec& spec) {
  std::set<std::string_view> names;
  for (const v1::EnvironmentVariable& variable : spec.environment()) {
    const std::string& name = variable.name();
    if (const absl::Status valid = CheckVariableName(name); !valid.ok()) {
      return WithPrefix("environment", valid);
    }
    if (!names.insert(name).second) {
      return InvalidArgument("environment: '{}' is there twice; set it once",
                             name);
    }
    if (HasNul(variable.value())) {
      return InvalidArgument(
          "environment: the value of '{}' has a NUL byte; leave it out", name);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSecretVariables(const v1::JobSpec& spec) {
  std::set<std::string_view> names;
  for (const v1::EnvironmentVariable& variable : spec.environment()) {
    names.insert(variable.name());
  }
  for (const v1::SecretVariable& secret : spec.secrets()) {
    if (const absl::Status valid = CheckVariableName(secret.name());
        !valid.ok() && secret.name() != kDelegationVariable) {
      return WithPrefix("secrets", valid);
    }
    if (!names.insert(secret.name()).second) {
      return InvalidArgument(
          "secrets: '{}' is in the environment already; set it once",
          secret.name());
    }
    if (secret.digest().size() != std::tuple_size_v<MerkleHash>) {
      return InvalidArgument(
          "secrets: the digest of '{}' has {} bytes, not {}; make it again",
          secret.name(), secret.digest().size(), std::tuple_size_v<MerkleHash>);
    }
  }
  return absl::OkStatus();
}

// User and group names of passwd files and of directory services
// ("alice@example.com", "EXAMPLE\alice"), and numbers.
absl::Status CheckUserName(std::string_view field, std::string_view name) {
  if (name.empty()) return absl::OkStatus();
  const auto allowed = [](char c) {
    return IsLetter(c) || IsDigit(c) ||
           std::string_view("._-@+\\$").find(c) != std::string_view::npos;
  };
  if (name.size() > kMaxUserNameBytes || name[0] == '-' ||
      !std::all_of(name.begin(), name.end(), allowed)) {
    return InvalidArgument(
        "{}: '{}' can not be a name of one; use letters, digits and "
        "._-@+\\$, no '-' first",
        field, name);
  }
  return absl::OkStatus();
}

absl::Status CheckWorkingDirectory(std::string_view path) {
  if (path.empty()) return absl::OkStatus();
  if (path[0] != '/') {
    return InvalidArgument(
        "working_directory: '{}' is relative; give an absolute path", path);
  }
  if (HasNul(path)) {
    return InvalidArgument(
        "working_directory: the path has a NUL byte; leave it out");
  }
  return absl::OkStatus();
}

absl::Status CheckDuration(std::string_view field,
                           const google::protobuf::Duration& duration) {
  const bool positive = duration.seconds() >= 0 && duration.nanos() >= 0 &&
                        (duration.seconds() > 0 || duration.nanos() > 0);
  if (!positive || duration.seconds() > kMaxDurationSeconds ||
      duration.nanos() > 999'999'999) {
    return InvalidArgument(
        "{}: not a positive time; give one such as 30s, or leave it out",
        field);
  }
  return absl::OkStatus();
}

absl::Status CheckTimestamp(std::string_view field,
                            const google::protobuf::Timestamp& timestamp) {
  if (timestamp.seconds() <= 0 || timestamp.seconds() > kMaxTimestampSeconds ||
      timestamp.nanos() < 0 || timestamp.nanos() > 999'999'999) {
    return InvalidArgument("{}: not a time; set it", field);
  }
  return absl::OkStatus();
}

absl::Status CheckLife(const v1::JobSpec& spec) {
  const absl::Duration life =
      ToTime(spec.expires_at()) - ToTime(spec.issued_at());
  if (life <= absl::ZeroDuration()) {
    return InvalidArgument(
        "expires_at: the job expires before it is issued; set a later time");
  }
  if (life > kMaxSpecLife) {
    return InvalidArgument(
        "expires_at: the job is valid for {}, at most {} are possible; let it "
        "expire sooner",
        tutti::FormatDuration(life), tutti::FormatDuration(kMaxSpecLife));
  }
  return absl::OkStatus();
}

absl::Status CheckTimes(const v1::JobSpec& spec) {
  if (spec.has_timeout()) {
    TUTTI_RETURN_IF_ERROR(CheckDuration("timeout", spec.timeout()));
  }
  if (spec.has_grace()) {
    TUTTI_RETURN_IF_ERROR(CheckDuration("grace", spec.grace()));
  }
  TUTTI_RETURN_IF_ERROR(CheckTimestamp("issued_at", spec.issued_at()));
  TUTTI_RETURN_IF_ERROR(CheckTimestamp("expires_at", spec.expires_at()));
  return CheckLife(spec);
}

absl::Status CheckTargets(const v1::JobSpec& spec) {
  if (spec.target_count() == 0) {
    return InvalidArgument(
        "target_count: there is no target; name at least one");
  }
  if (spec.targets_root().size() != std::tuple_size_v<MerkleHash>) {
    return InvalidArgument(
        "targets_root: a root has {} bytes, not {}; make the tree again",
        std::tuple_size_v<MerkleHash>, spec.targets_root().size());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckVariableName(std::string_view name) {
  if (!IsVariableName(name)) {
    return InvalidArgument(
        "'{}' is no name of a variable; use letters, digits and '_', no digit "
        "first",
        name);
  }
  if (name.starts_with("TUTTI_")) {
    return InvalidArgument(
        "'{}' is set by Tutti itself; choose a name that does not begin with "
        "TUTTI_",
        name);
  }
  return absl::OkStatus();
}

absl::Status CheckSpec(const v1::JobSpec& spec) {
  TUTTI_RETURN_IF_ERROR(CheckNoUnknownFields(spec));
  TUTTI_RETURN_IF_ERROR(CheckJob(spec));
  TUTTI_RETURN_IF_ERROR(CheckKind(spec));
  TUTTI_RETURN_IF_ERROR(CheckEnvironment(spec));
  TUTTI_RETURN_IF_ERROR(CheckSecretVariables(spec));
  TUTTI_RETURN_IF_ERROR(CheckUserName("user", spec.user()));
  TUTTI_RETURN_IF_ERROR(CheckUserName("group", spec.group()));
  TUTTI_RETURN_IF_ERROR(CheckWorkingDirectory(spec.working_directory()));
  TUTTI_RETURN_IF_ERROR(CheckProcessSettings(spec));
  TUTTI_RETURN_IF_ERROR(CheckTimes(spec));
  TUTTI_RETURN_IF_ERROR(CheckTargets(spec));
  return CheckInput(spec);
}

absl::Status CheckSpecTime(const v1::JobSpec& spec, absl::Time now) {
  TUTTI_RETURN_IF_ERROR(CheckLife(spec));
  const absl::Duration ahead = ToTime(spec.issued_at()) - now;
  if (ahead > kClockTolerance) {
    return PermissionDenied(
        "the job was signed {} in the future: the clock here is behind the "
        "operator's by at least that, {} are tolerated; set the clocks",
        tutti::FormatDuration(ahead), tutti::FormatDuration(kClockTolerance));
  }
  const absl::Duration late = now - ToTime(spec.expires_at());
  if (late > kClockTolerance) {
    return PermissionDenied(
        "the job expired {} ago by the clock here, which is {} ahead of when "
        "it was signed; start it again, or set the clocks",
        tutti::FormatDuration(late),
        tutti::FormatDuration(now - ToTime(spec.issued_at())));
  }
  return absl::OkStatus();
}

}  // namespace tutti
