#include "controller/cli/run/work_card.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>
#include <vector>

#include "common/base/duration.h"
#include "common/jobs/work_summary.h"
#include "common/text/json_text.h"
#include "common/text/lines.h"
#include "common/text/shell_quote.h"

namespace tutti::cli {
namespace {

std::string IoPriorityText(const v1::IoPriority& priority) {
  switch (priority.scheduling_class()) {
    case v1::IoPriority::SCHEDULING_CLASS_REALTIME:
      return fmt::format("realtime:{}", priority.level());
    case v1::IoPriority::SCHEDULING_CLASS_BEST_EFFORT:
      return fmt::format("best-effort:{}", priority.level());
    default:
      return "idle";
  }
}

std::string LimitText(bool limited, uint64_t value) {
  return limited ? fmt::format("{}", value) : "unlimited";
}

std::string CpusText(const v1::CgroupLimits& limits) {
  return fmt::format("{}", static_cast<double>(limits.milli_cpus()) / 1000);
}

std::vector<std::string> LimitTexts(const v1::JobSpec& work) {
  std::vector<std::string> texts;
  const v1::CgroupLimits& limits = work.cgroup_limits();
  const std::string_view where_possible =
      limits.best_effort() ? ", where that is possible" : "";
  if (limits.memory_bytes() > 0) {
    texts.push_back(fmt::format(
        "memory {}{}", FormatSize(limits.memory_bytes()), where_possible));
  }
  if (limits.milli_cpus() > 0) {
    texts.push_back(
        fmt::format("processors {}{}", CpusText(limits), where_possible));
  }
  if (limits.processes() > 0) {
    texts.push_back(
        fmt::format("processes {}{}", limits.processes(), where_possible));
  }
  for (const v1::ResourceLimit& limit : work.resource_limits()) {
    texts.push_back(fmt::format("{} {}, hard {}", limit.resource(),
                                LimitText(limit.has_soft(), limit.soft()),
                                LimitText(limit.has_hard(), limit.hard())));
  }
  return texts;
}

std::string_view InterpreterOf(const v1::Script& script) {
  std::string_view text = script.text();
  return Trimmed(TakeLine(text));
}

const google::protobuf::RepeatedPtrField<std::string>& ArgumentsOf(
    const v1::JobSpec& work) {
  return work.has_script() ? work.script().arguments()
                           : work.command().arguments();
}

Json LimitJson(bool limited, uint64_t value) {
  return limited ? Json(value) : Json(nullptr);
}

void AddLimits(const v1::JobSpec& work, Json& json) {
  const v1::CgroupLimits& limits = work.cgroup_limits();
  json["memory_bytes"] =
      LimitJson(limits.memory_bytes() > 0, limits.memory_bytes());
  json["cpus"] = limits.milli_cpus() > 0
                     ? Json(static_cast<double>(limits.milli_cpus()) / 1000)
                     : Json(nullptr);
  json["max_processes"] = LimitJson(limits.processes() > 0, limits.processes());
  json["limit_best_effort"] = limits.best_effort();
  Json resources = Json::object();
  for (const v1::ResourceLimit& limit : work.resource_limits()) {
    resources[limit.resource()] = {
        {"soft", LimitJson(limit.has_soft(), limit.soft())},
        {"hard", LimitJson(limit.has_hard(), limit.hard())}};
  }
  json["resource_limits"] = std::move(resources);
}

}  // namespace

std::vector<std::string> SecretNames(const v1::JobSpec& work) {
  std::vector<std::string> names;
  for (const v1::SecretVariable& secret : work.secrets()) {
    names.push_back(secret.name());
  }
  return names;
}

std::string UserText(const v1::JobSpec& work) {
  std::string text = "default user";
  if (!work.user().empty()) text = "user " + work.user();
  if (!work.group().empty()) text += ":" + work.group();
  if (work.login()) text += ", login";
  return text;
}

void AddLimitLines(const v1::JobSpec& work, Card& card) {
  card.Add("time limit", work.has_timeout()
                             ? tutti::FormatDuration(ToDuration(work.timeout()))
                             : "none");
  card.Add("limits", fmt::format("{}", fmt::join(LimitTexts(work), "\n")));
  if (work.has_nice()) card.Add("niceness", fmt::format("{}", work.nice()));
  if (work.has_io_priority()) {
    card.Add("I/O priority", IoPriorityText(work.io_priority()));
  }
  if (work.side_streams()) card.Add("streams", "messages and a result");
  if (work.no_keep() && !work.has_fetch()) {
    card.Add("output", "not kept once it was shown");
  }
  if (work.has_umask()) card.Add("umask", fmt::format("{:03o}", work.umask()));
}

void AddProgramLines(const v1::JobSpec& work, Card& card) {
  card.Add("folder", work.working_directory().empty()
                         ? "the user's home"
                         : work.working_directory());
  std::string environment;
  for (const v1::EnvironmentVariable& variable : work.environment()) {
    environment += fmt::format("{}{}={}", environment.empty() ? "" : "\n",
                               variable.name(), ShellQuote(variable.value()));
  }
  card.Add("environment", environment);
  card.Add("secrets", fmt::format("{}", fmt::join(SecretNames(work), "\n")));
  card.Add("only where", work.condition().sql());
  card.Add("query", work.query().sql(), Style::kBold);
  std::string paths;
  for (const std::string& path : work.fetch().paths()) {
    paths += (paths.empty() ? "" : "\n") + ShellQuote(path);
  }
  card.Add("paths", paths, Style::kBold);
  card.Add("kind", work.add_in().name(), Style::kBold);
  if (const auto parameters = ParseJson(work.add_in().parameters())) {
    card.Add("parameters", parameters->dump(2));
  }
  if (work.has_script()) {
    const v1::Script& script = work.script();
    card.Add("script",
             fmt::format("{}, {}", ShellQuote(script.name()),
                         FormatSize(script.text().size())),
             Style::kBold);
    card.Add("through", InterpreterOf(script));
  }
  std::string argv;
  for (const std::string& argument : ArgumentsOf(work)) {
    argv += (argv.empty() ? "" : "\n") + ShellQuote(argument);
  }
  card.Add(work.has_script() ? "arguments" : "argv", argv, Style::kBold);
}

void AddWork(const v1::JobSpec& work, Json& json) {
  json["kind"] = KindName(work);
  json["user"] = work.user().empty() ? Json(nullptr) : Json(work.user());
  json["login"] = work.login();
  json["no_keep"] = work.no_keep();
  json["streams"] = work.side_streams();
  json["timeout_seconds"] =
      work.has_timeout()
          ? Json(absl::ToDoubleSeconds(ToDuration(work.timeout())))
          : Json(nullptr);
  json["nice"] = work.has_nice() ? Json(work.nice()) : Json(nullptr);
  json["io_priority"] = work.has_io_priority()
                            ? Json(IoPriorityText(work.io_priority()))
                            : Json(nullptr);
  json["umask"] = work.has_umask() ? Json(fmt::format("{:03o}", work.umask()))
                                   : Json(nullptr);
  if (work.secrets_size() > 0) json["secrets"] = SecretNames(work);
  AddLimits(work, json);
  if (work.has_script()) {
    json["script"] = {{"name", BytesToJson(work.script().name())},
                      {"bytes", work.script().text().size()},
                      {"through", BytesToJson(InterpreterOf(work.script()))}};
  }
  if (work.has_query()) json["query"] = work.query().sql();
  if (work.has_copy()) {
    json["destination"] = BytesToJson(work.copy().destination());
  }
  for (const std::string& path : work.fetch().paths()) {
    json["paths"].push_back(BytesToJson(path));
  }
  if (work.has_condition()) json["where"] = work.condition().sql();
  if (const auto parameters = ParseJson(work.add_in().parameters())) {
    json["kind_parameters"] = *parameters;
  }
  json["arguments"] = Json::array();
  for (const std::string& argument : ArgumentsOf(work)) {
    json["arguments"].push_back(BytesToJson(argument));
  }
}

}  // namespace tutti::cli
