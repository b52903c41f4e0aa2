#include "agent/runner/processes/launch.h"

#include <linux/ioprio.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/uuid.h"
#include "common/jobs/resource_names.h"
#include "common/jobs/spec_traits.h"

namespace tutti::runner {
namespace {

constexpr char kPath[] =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::map<std::string, std::string> MakeEnvironment(
    const tutti::v1::JobSpec& spec, const tutti::v1::AttemptKey& key,
    const LaunchSettings& settings, const User& user, const JobWork& work) {
  std::map<std::string, std::string> environment = {
      {"PATH", kPath},        {"HOME", user.home},   {"USER", user.name},
      {"LOGNAME", user.name}, {"SHELL", user.shell}, {"LANG", "C.UTF-8"},
  };
  for (const auto& [name, value] : settings.environment) {
    environment[name] = value;
  }
  if (spec.has_terminal()) environment["TERM"] = spec.terminal().type();
  for (const tutti::v1::EnvironmentVariable& variable : spec.environment()) {
    environment[variable.name()] = variable.value();
  }
  for (const auto& [name, value] : work.environment) environment[name] = value;
  const absl::StatusOr<Uuid> uuid = Uuid::FromBytes(key.job_uuid());
  environment["TUTTI_FLEET"] = spec.fleet();
  environment["TUTTI_JOB"] = uuid.ok() ? uuid->ToString() : "";
  environment["TUTTI_ATTEMPT"] = fmt::format("{}", key.attempt());
  environment["TUTTI_TARGET"] = key.target();
  environment["TUTTI_COUNT"] = fmt::format("{}", spec.target_count());
  if (spec.has_script()) environment["TUTTI_SCRIPT"] = spec.script().name();
  return environment;
}

std::vector<std::string> ProgramsToTry(const std::string& program,
                                       std::string_view path) {
  if (program.find('/') != std::string::npos) return {program};
  std::vector<std::string> programs;
  while (true) {
    const size_t colon = std::min(path.find(':'), path.size());
    const std::string_view folder = path.substr(0, colon);
    // An empty element means the working directory (POSIX, 8.3).
    programs.push_back(
        fmt::format("{}/{}", folder.empty() ? "." : folder, program));
    if (colon == path.size()) return programs;
    path.remove_prefix(colon + 1);
  }
}

// The user's own when it reads what a Bourne shell does.
std::string LoginShell(const User& user) {
  constexpr std::string_view kKnown[] = {"sh",  "ash",   "bash", "dash",
                                         "ksh", "ksh93", "mksh", "zsh"};
  const std::string_view name =
      std::string_view(user.shell).substr(user.shell.rfind('/') + 1);
  const bool known =
      std::find(std::begin(kKnown), std::end(kKnown), name) != std::end(kKnown);
  return known ? user.shell : "/bin/sh";
}

void SetProgram(const tutti::v1::JobSpec& spec, JobWork work, Launch& launch) {
  launch.script = std::move(work.script);
  launch.input = std::move(work.input);
  launch.arguments = std::move(work.arguments);
  if (spec.login()) {
    const std::string shell = LoginShell(launch.user);
    launch.arguments.insert(launch.arguments.begin(),
                            {shell, "-l", "-c", "exec \"$@\"", shell});
  }
  launch.programs = ProgramsToTry(launch.arguments.at(0), launch.path_variable);
}

rlim_t LimitOf(bool limited, uint64_t value) {
  return limited ? static_cast<rlim_t>(value) : RLIM_INFINITY;
}

void SetLimits(const tutti::v1::JobSpec& spec, Launch& launch) {
  if (spec.has_umask()) launch.umask = spec.umask();
  if (spec.has_nice()) launch.nice = spec.nice();
  if (spec.has_io_priority()) {
    const tutti::v1::IoPriority& io = spec.io_priority();
    launch.io_priority = IOPRIO_PRIO_VALUE(
        static_cast<int>(io.scheduling_class()), static_cast<int>(io.level()));
  }
  for (const tutti::v1::ResourceLimit& limit : spec.resource_limits()) {
    launch.resource_limits.push_back(
        {limit.resource(), ResourceNumber(limit.resource()).value_or(-1),
         rlimit{LimitOf(limit.has_soft(), limit.soft()),
                LimitOf(limit.has_hard(), limit.hard())}});
  }
  launch.cgroup_limits = spec.cgroup_limits();
}

}  // namespace

UserQuery ChooseUser(const tutti::v1::JobSpec& spec,
                     const LaunchSettings& settings) {
  return {spec.user().empty() ? settings.default_user : spec.user(),
          spec.group()};
}

absl::StatusOr<Launch> PlanLaunch(const tutti::v1::JobSpec& spec,
                                  const tutti::v1::AttemptKey& key,
                                  const LaunchSettings& settings, User user,
                                  JobWork work) {
  Launch launch;
  launch.user = std::move(user);
  launch.switch_user = geteuid() == 0;
  if (!launch.switch_user &&
      (launch.user.uid != geteuid() || launch.user.gid != getegid())) {
    return PermissionDenied(
        "this runner does not run as root and can not become user '{}'{}{}; "
        "leave the user out, or run the runner as root",
        launch.user.name, spec.group().empty() ? "" : " with group ",
        spec.group());
  }
  const std::map<std::string, std::string> environment =
      MakeEnvironment(spec, key, settings, launch.user, work);
  for (const auto& [name, value] : environment) {
    launch.environment.push_back(name + "=" + value);
  }
  launch.path_variable = environment.at("PATH");
  SetProgram(spec, std::move(work), launch);
  SetLimits(spec, launch);
  launch.side_streams = spec.side_streams();
  launch.takes_input = TakesInput(spec);
  if (spec.has_terminal()) launch.terminal = spec.terminal().size();
  launch.any_directory = spec.working_directory().empty();
  launch.directory =
      launch.any_directory ? launch.user.home : spec.working_directory();
  return launch;
}

}  // namespace tutti::runner
