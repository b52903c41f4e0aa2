#include "common/signing/check_process.h"

#include <limits>
#include <set>
#include <string>
#include <string_view>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/jobs/kind_name.h"
#include "common/jobs/resource_names.h"
#include "common/text/lines.h"
#include "common/text/shell_quote.h"
#include "common/text/utf8.h"

namespace tutti {
namespace {

constexpr size_t kMaxScriptNameBytes = 255;  // NAME_MAX
constexpr size_t kMaxPathBytes = 4095;       // PATH_MAX
constexpr size_t kSha256Bytes = 32;
constexpr size_t kMaxLabelBytes = 255;
constexpr size_t kMaxParameterBytes = 1 << 20;
// Of a bad path, in the error.
constexpr size_t kShownBytes = 200;
constexpr uint32_t kMaxUmask = 0777;
constexpr int kLeastNice = -20;
constexpr int kMostNice = 19;
constexpr uint32_t kMostIoLevel = 7;
// The kernel takes no quota below a millisecond in 100 ms.
constexpr uint64_t kLeastMilliCpus = 10;
constexpr uint64_t kMostMilliCpus = 1'000'000'000;
// Less than this the smallest program does not start in.
constexpr uint64_t kLeastMemory = 1 << 20;
constexpr uint64_t kMostMemory = std::numeric_limits<int64_t>::max();
constexpr uint64_t kMostProcesses = 4 << 20;  // PID_MAX_LIMIT

using IoPriority = v1::IoPriority;

absl::Status CheckArguments(
    std::string_view kind,
    const google::protobuf::RepeatedPtrField<std::string>& arguments) {
  for (int i = 0; i < arguments.size(); ++i) {
    if (arguments[i].find('\0') != std::string::npos) {
      return InvalidArgument(
          "{}: argument {} has a NUL byte, which no program can be given; "
          "leave it out",
          kind, i);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCommand(const v1::Command& command) {
  if (command.arguments().empty() || command.arguments(0).empty()) {
    return InvalidArgument("command: there is no program; give one after `--`");
  }
  return CheckArguments("command", command.arguments());
}

absl::Status CheckScript(const v1::Script& script) {
  const std::string& name = script.name();
  if (name.empty() || name.size() > kMaxScriptNameBytes ||
      name.find_first_of(std::string_view("/\0", 2)) != std::string::npos) {
    return InvalidArgument(
        "script: its name is not that of a file; give one of at most {} bytes "
        "without a slash",
        kMaxScriptNameBytes);
  }
  if (!script.text().starts_with("#!")) {
    return InvalidArgument(
        "script: {} does not say what runs it; begin it with a line such as "
        "#!/bin/sh",
        ShellQuote(name));
  }
  return CheckArguments("script", script.arguments());
}

// `what` is what it is in the spec.
absl::Status CheckQuery(std::string_view what, const v1::Query& query) {
  if (Trimmed(query.sql()).empty()) {
    return InvalidArgument("{}: it is empty; ask for something", what);
  }
  if (query.sql().find('\0') != std::string::npos) {
    return InvalidArgument("{}: it has a NUL byte; leave it out", what);
  }
  return absl::OkStatus();
}

absl::Status CheckAddIn(const v1::AddIn& add_in) {
  if (add_in.parameters().size() > kMaxParameterBytes) {
    return InvalidArgument(
        "kind: its parameters are {} large, at most {} are possible; put large "
        "ones into a file on the targets",
        FormatSize(add_in.parameters().size()), FormatSize(kMaxParameterBytes));
  }
  if (!IsKindName(add_in.name())) {
    return InvalidArgument(
        "kind: '{}' is no name of an add-in; use lower-case letters, digits "
        "and '-', at most {} bytes, a letter first, and no kind of Tutti's own",
        add_in.name(), kMaxKindNameBytes);
  }
  return absl::OkStatus();
}

// `what` is the kind of job.
absl::Status CheckPath(std::string_view what, std::string_view path) {
  if (path.starts_with('/') && path.size() <= kMaxPathBytes &&
      path.find('\0') == path.npos) {
    return absl::OkStatus();
  }
  return InvalidArgument(
      "{}: {} is no absolute path of at most {} bytes; begin it with '/'", what,
      ShellQuote(ClipToUtf8(path, kShownBytes)), kMaxPathBytes);
}

// `spec` is a job of kind `what`, which says something to a program of Tutti's
// own.
absl::Status CheckNoLogin(std::string_view what, const v1::JobSpec& spec) {
  if (!spec.login()) return absl::OkStatus();
  return InvalidArgument(
      "login: what a login shell says would disturb a {}; leave it out", what);
}

absl::Status CheckCopy(const v1::JobSpec& spec) {
  const v1::Copy& copy = spec.copy();
  TUTTI_RETURN_IF_ERROR(CheckPath("copy", copy.destination()));
  if (copy.manifest_digest().size() != kSha256Bytes) {
    return InvalidArgument(
        "copy: its manifest's digest has {} bytes; it is a SHA-256, of {}",
        copy.manifest_digest().size(), kSha256Bytes);
  }
  if (copy.label().size() > kMaxLabelBytes) {
    return InvalidArgument("copy: its label has more than {} bytes; shorten it",
                           kMaxLabelBytes);
  }
  if (!spec.input().has_content()) {
    return InvalidArgument(
        "copy: its input is no content; choose that rule for it");
  }
  return CheckNoLogin("copy", spec);
}

absl::Status CheckFetch(const v1::JobSpec& spec) {
  if (spec.fetch().paths().empty()) {
    return InvalidArgument("fetch: it has no paths; name at least one");
  }
  for (const std::string& path : spec.fetch().paths()) {
    TUTTI_RETURN_IF_ERROR(CheckPath("fetch", path));
  }
  return CheckNoLogin("fetch", spec);
}

absl::Status CheckPriorities(const v1::JobSpec& spec) {
  if (spec.umask() > kMaxUmask) {
    return InvalidArgument("umask: {:o} is no mask; give one of 0 to 777",
                           spec.umask());
  }
  if (spec.nice() < kLeastNice || spec.nice() > kMostNice) {
    return InvalidArgument("nice: {} is out of range; give {} to {}",
                           spec.nice(), kLeastNice, kMostNice);
  }
  if (!spec.has_io_priority()) return absl::OkStatus();
  const IoPriority& io = spec.io_priority();
  if (io.scheduling_class() == IoPriority::SCHEDULING_CLASS_UNSPECIFIED ||
      !IoPriority::SchedulingClass_IsValid(io.scheduling_class())) {
    return InvalidArgument(
        "io_priority: there is no such class; use realtime, best-effort or "
        "idle");
  }
  const bool has_levels =
      io.scheduling_class() != IoPriority::SCHEDULING_CLASS_IDLE;
  if (io.level() > (has_levels ? kMostIoLevel : 0)) {
    return InvalidArgument(
        "io_priority: {} is no level; realtime and best-effort have 0 to {}, "
        "idle has none",
        io.level(), kMostIoLevel);
  }
  return absl::OkStatus();
}

absl::Status CheckResourceLimits(const v1::JobSpec& spec) {
  std::set<std::string_view> seen;
  for (const v1::ResourceLimit& limit : spec.resource_limits()) {
    if (!ResourceNumber(limit.resource()).has_value()) {
      return InvalidArgument("resource_limits: '{}' is none of {}",
                             limit.resource(), ResourceNames());
    }
    if (!seen.insert(limit.resource()).second) {
      return InvalidArgument(
          "resource_limits: '{}' is there twice; set it once",
          limit.resource());
    }
    constexpr uint64_t kUnlimited = std::numeric_limits<uint64_t>::max();
    const uint64_t soft = limit.has_soft() ? limit.soft() : kUnlimited;
    const uint64_t hard = limit.has_hard() ? limit.hard() : kUnlimited;
    if (soft > hard) {
      return InvalidArgument(
          "resource_limits: the soft limit of '{}' is above the hard one; "
          "give the smaller one first",
          limit.resource());
    }
  }
  return absl::OkStatus();
}

absl::Status CheckInRange(std::string_view what, uint64_t value, uint64_t least,
                          uint64_t most) {
  if (value == 0 || (value >= least && value <= most)) return absl::OkStatus();
  return InvalidArgument("cgroup_limits: {} is out of range; give {} to {}",
                         what, least, most);
}

}  // namespace

absl::Status CheckKind(const v1::JobSpec& spec) {
  switch (spec.kind_case()) {
    case v1::JobSpec::kCommand:
      return CheckCommand(spec.command());
    case v1::JobSpec::kScript:
      return CheckScript(spec.script());
    case v1::JobSpec::kQuery:
      return CheckQuery("query", spec.query());
    case v1::JobSpec::kAddIn:
      return CheckAddIn(spec.add_in());
    case v1::JobSpec::kCopy:
      return CheckCopy(spec);
    case v1::JobSpec::kFetch:
      return CheckFetch(spec);
    case v1::JobSpec::KIND_NOT_SET:
      break;
  }
  return InvalidArgument("kind: the job does not say what to run; set one");
}

absl::Status CheckProcessSettings(const v1::JobSpec& spec) {
  if (spec.has_condition()) {
    TUTTI_RETURN_IF_ERROR(CheckQuery("condition", spec.condition()));
  }
  TUTTI_RETURN_IF_ERROR(CheckPriorities(spec));
  TUTTI_RETURN_IF_ERROR(CheckResourceLimits(spec));
  const v1::CgroupLimits& limits = spec.cgroup_limits();
  TUTTI_RETURN_IF_ERROR(CheckInRange(
      "the memory in bytes", limits.memory_bytes(), kLeastMemory, kMostMemory));
  TUTTI_RETURN_IF_ERROR(CheckInRange("the number of thousandths of processors",
                                     limits.milli_cpus(), kLeastMilliCpus,
                                     kMostMilliCpus));
  return CheckInRange("the number of processes", limits.processes(), 1,
                      kMostProcesses);
}

}  // namespace tutti
