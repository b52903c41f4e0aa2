#include "controller/cli/run/process_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <map>
#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/named_value.h"
#include "common/base/status_macros.h"
#include "common/jobs/milli_cpus.h"
#include "common/jobs/resource_names.h"
#include "controller/cli/run/environment_file.h"
#include "controller/cli/run/share.h"

namespace tutti::cli {
namespace {

constexpr char kUnlimited[] = "unlimited";
// Of a class with levels, when none is given: the kernel's own choice.
constexpr uint32_t kMiddleIoLevel = 4;

void SetVariable(const NamedValue& variable, v1::JobSpec& work) {
  v1::EnvironmentVariable& added = *work.add_environment();
  added.set_name(variable.name);
  added.set_value(variable.value);
}

// A file gives way to a later one, and all files to --env.
absl::Status ParseEnvironment(const ProcessOptions& options,
                              v1::JobSpec& work) {
  std::map<std::string, std::string> of_files;
  for (const std::string& path : options.environment_files) {
    TUTTI_ASSIGN_OR_RETURN(const std::vector<NamedValue> variables,
                           ReadEnvironmentFile(path));
    for (const NamedValue& variable : variables) {
      of_files[variable.name] = variable.value;
    }
  }
  for (const std::string& text : options.environment) {
    const absl::StatusOr<NamedValue> variable = ParseNamedValue(text);
    if (!variable.ok()) return WithPrefix("--env", variable.status());
    of_files.erase(variable->name);
    SetVariable(*variable, work);
  }
  for (const auto& [name, value] : of_files) SetVariable({name, value}, work);
  return absl::OkStatus();
}

absl::Status ParseUser(const ProcessOptions& options, v1::JobSpec& work) {
  if (options.sudo && !options.user.empty()) {
    return InvalidArgument("--sudo is -u root; leave one of the two out");
  }
  if (options.sudo) work.set_user("root");
  if (options.user.empty()) return absl::OkStatus();
  const size_t colon = options.user.find(':');
  work.set_user(options.user.substr(0, colon));
  if (colon == std::string::npos) return absl::OkStatus();
  work.set_group(options.user.substr(colon + 1));
  if (work.user().empty() || work.group().empty()) {
    return InvalidArgument("-u: '{}' is not USER or USER:GROUP; write it so",
                           options.user);
  }
  return absl::OkStatus();
}

absl::Status ParsePlaceAndTime(const ProcessOptions& options,
                               v1::JobSpec& work) {
  const std::string& folder = options.working_directory;
  if (!folder.empty() && folder[0] != '/') {
    return InvalidArgument("--cwd: '{}' is not absolute; begin it with /",
                           folder);
  }
  work.set_working_directory(folder);
  if (!options.timeout) return absl::OkStatus();
  if (*options.timeout == absl::ZeroDuration()) {
    return InvalidArgument(
        "--timeout: 0 leaves no time to run; give more, or leave it out");
  }
  *work.mutable_timeout() = ToProto(*options.timeout);
  return absl::OkStatus();
}

absl::Status ParsePriorities(const ProcessOptions& options, v1::JobSpec& work) {
  if (!options.umask.empty()) {
    const std::string& text = options.umask;
    uint32_t mask = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), mask, 8);
    if (error != std::errc() || end != text.data() + text.size() ||
        mask > 0777) {
      return InvalidArgument(
          "--umask: '{}' is no mask; write it in octal, as in 027", text);
    }
    work.set_umask(mask);
  }
  if (!options.nice.empty()) {
    int32_t nice = 0;
    if (!ParseWhole(options.nice, nice) || nice < -20 || nice > 19) {
      return InvalidArgument(
          "--nice: '{}' is none of -20 (goes first) to 19 (goes last)",
          options.nice);
    }
    work.set_nice(nice);
  }
  return absl::OkStatus();
}

absl::Status ParseIoPriority(const ProcessOptions& options, v1::JobSpec& work) {
  const std::string_view text = options.io_priority;
  if (text.empty()) return absl::OkStatus();
  const size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  v1::IoPriority& priority = *work.mutable_io_priority();
  uint32_t level = kMiddleIoLevel;
  const bool has_level = colon != text.npos;
  bool good =
      !has_level || (ParseWhole(text.substr(colon + 1), level) && level <= 7);
  if (name == "idle") {
    priority.set_scheduling_class(v1::IoPriority::SCHEDULING_CLASS_IDLE);
    level = 0;
    good = !has_level;
  } else if (name == "best-effort") {
    priority.set_scheduling_class(v1::IoPriority::SCHEDULING_CLASS_BEST_EFFORT);
  } else if (name == "realtime") {
    priority.set_scheduling_class(v1::IoPriority::SCHEDULING_CLASS_REALTIME);
  } else {
    good = false;
  }
  if (!good) {
    return InvalidArgument(
        "--ionice: '{}' is none of idle, best-effort and realtime; the last "
        "two may have a level from 0 (goes first) to 7: best-effort:7",
        text);
  }
  priority.set_level(level);
  return absl::OkStatus();
}

// Absent for "unlimited".
absl::StatusOr<std::optional<uint64_t>> ParseLimit(std::string_view text) {
  if (text == kUnlimited) return std::nullopt;
  TUTTI_ASSIGN_OR_RETURN(const uint64_t value, ParseSize(text));
  return value;
}

absl::StatusOr<v1::ResourceLimit> ParseResourceLimit(std::string_view text) {
  TUTTI_ASSIGN_OR_RETURN(const NamedValue named, ParseNamedValue(text));
  if (!ResourceNumber(named.name).has_value()) {
    return InvalidArgument("'{}' is none of {}", named.name, ResourceNames());
  }
  v1::ResourceLimit limit;
  limit.set_resource(named.name);
  const std::string_view values = named.value;
  const size_t colon = values.find(':');
  TUTTI_ASSIGN_OR_RETURN(const std::optional<uint64_t> soft,
                         ParseLimit(values.substr(0, colon)));
  std::optional<uint64_t> hard = soft;
  if (colon != values.npos) {
    TUTTI_ASSIGN_OR_RETURN(hard, ParseLimit(values.substr(colon + 1)));
  }
  if (soft) limit.set_soft(*soft);
  if (hard) limit.set_hard(*hard);
  return limit;
}

absl::Status ParseResourceLimits(const ProcessOptions& options,
                                 v1::JobSpec& work) {
  for (const std::string& text : options.resource_limits) {
    absl::StatusOr<v1::ResourceLimit> limit = ParseResourceLimit(text);
    if (!limit.ok()) {
      return InvalidArgument(
          "--rlimit {}: {}; write it like nofile=4096, core=unlimited or "
          "stack=8MiB:64MiB (soft:hard)",
          text, TextOf(limit.status()));
    }
    *work.add_resource_limits() = *std::move(limit);
  }
  return absl::OkStatus();
}

absl::Status ParseCgroupLimits(const ProcessOptions& options,
                               v1::JobSpec& work) {
  const bool limited = !options.memory.empty() || !options.cpus.empty() ||
                       !options.max_processes.empty();
  if (!limited && options.limit_best_effort) {
    return InvalidArgument(
        "--limit-best-effort is about --memory, --cpus and --max-processes; "
        "add one of them, or leave it out");
  }
  if (!limited) return absl::OkStatus();
  v1::CgroupLimits& limits = *work.mutable_cgroup_limits();
  limits.set_best_effort(options.limit_best_effort);
  if (!options.memory.empty()) {
    const absl::StatusOr<uint64_t> bytes = ParseSize(options.memory);
    if (!bytes.ok()) return WithPrefix("--memory", bytes.status());
    if (*bytes < (1 << 20)) {
      return InvalidArgument(
          "--memory: no program starts in {}; give 1MiB or more",
          FormatSize(*bytes));
    }
    limits.set_memory_bytes(*bytes);
  }
  if (!options.cpus.empty()) {
    const absl::StatusOr<uint64_t> milli_cpus = ParseMilliCpus(options.cpus);
    if (!milli_cpus.ok()) return WithPrefix("--cpus", milli_cpus.status());
    limits.set_milli_cpus(*milli_cpus);
  }
  if (!options.max_processes.empty()) {
    uint64_t processes = 0;
    if (!ParseWhole(options.max_processes, processes) || processes == 0) {
      return InvalidArgument(
          "--max-processes: '{}' is no number; give 1 or more",
          options.max_processes);
    }
    limits.set_processes(processes);
  }
  return absl::OkStatus();
}

void AddLimitOptions(CLI::App& verb, ProcessOptions& options) {
  AddDuration(verb, "--timeout", options.timeout,
              "End each process (TERM, 10 s, KILL) after it ran so long");
  AddRepeatable(verb, "--rlimit", options.resource_limits,
                "Limit each process by itself: nofile=4096, "
                "stack=8MiB:64MiB, core=unlimited; repeatable")
      ->type_name("NAME=SOFT[:HARD]");
  verb.add_option("--memory", options.memory,
                  "Memory of a whole task; one that needs more is killed")
      ->type_name("SIZE");
  verb.add_option("--cpus", options.cpus,
                  "Processors of a whole task, as in 0.5")
      ->type_name("N");
  verb.add_option("--max-processes", options.max_processes,
                  "Processes and threads of a whole task at a time")
      ->type_name("N");
  verb.add_flag("--limit-best-effort", options.limit_best_effort,
                "Run without those three limits where a target can not keep "
                "them, instead of being refused there");
}

}  // namespace

absl::Status ParseProcess(const ProcessOptions& options, v1::JobSpec& work) {
  TUTTI_RETURN_IF_ERROR(ParseEnvironment(options, work));
  TUTTI_RETURN_IF_ERROR(ParseUser(options, work));
  TUTTI_RETURN_IF_ERROR(ParsePlaceAndTime(options, work));
  work.set_login(options.login);
  TUTTI_RETURN_IF_ERROR(ParsePriorities(options, work));
  TUTTI_RETURN_IF_ERROR(ParseIoPriority(options, work));
  TUTTI_RETURN_IF_ERROR(ParseResourceLimits(options, work));
  return ParseCgroupLimits(options, work);
}

void AddProcessOptions(CLI::App& verb, ProcessOptions& options) {
  verb.add_option("-u,--user", options.user,
                  "Run as this user; default: each target's default user")
      ->type_name("USER[:GROUP]");
  verb.add_flag("--sudo", options.sudo, "Run as root");
  verb.add_flag("--login", options.login,
                "In the environment of a login shell of the user");
  AddRepeatable(verb, "--env", options.environment,
                "Add to the environment; repeatable")
      ->type_name("NAME=VALUE");
  AddRepeatable(verb, "--env-file", options.environment_files,
                "File with NAME=VALUE a line, # before comments, - for "
                "standard input; repeatable, --env goes before it")
      ->type_name("FILE");
  verb.add_option("--cwd", options.working_directory,
                  "Working folder; default: the user's home")
      ->type_name("DIR");
  verb.add_option("--umask", options.umask,
                  "Mode bits that new files do not get; default: 022")
      ->type_name("MASK");
  verb.add_option("--nice", options.nice,
                  "Niceness, -20 (goes first) to 19 (goes last)")
      ->type_name("N");
  verb.add_option("--ionice", options.io_priority,
                  "I/O priority: idle, best-effort[:0-7], realtime[:0-7]")
      ->type_name("CLASS[:LEVEL]");
  AddLimitOptions(verb, options);
}

}  // namespace tutti::cli
