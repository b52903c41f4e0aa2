#include "controller/cli/run/secret_option.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/signing/envelope.h"

namespace tutti::cli {
namespace {

struct Source {
  std::string name;
  // Absent: the environment.
  std::optional<std::string> path;
};

absl::StatusOr<Source> ParseSource(std::string_view option) {
  const size_t equals = option.find('=');
  const std::string_view name = option.substr(0, equals);
  TUTTI_RETURN_IF_ERROR(CheckVariableName(name));
  Source source;
  source.name = name;
  if (equals == option.npos) return source;
  const std::string_view value = option.substr(equals + 1);
  if (!value.starts_with('@') || value.size() == 1) {
    return InvalidArgument(
        "everybody on this host can read a value on the command line; put it "
        "into a file, {0}=@FILE, or into the environment, {0}",
        name);
  }
  source.path = value.substr(1);
  return source;
}

absl::StatusOr<std::string> ReadValue(const Source& source) {
  if (!source.path.has_value()) {
    const char* value = std::getenv(source.name.c_str());
    if (value != nullptr) return std::string(value);
    return InvalidArgument(
        "{0} is not in the environment here; export it, or give a file, "
        "{0}=@FILE",
        source.name);
  }
  TUTTI_ASSIGN_OR_RETURN(
      std::string value,
      ReadFileOrStandardInput(*source.path, kMaxSecretBytes + 1));
  if (value.ends_with('\n')) value.pop_back();
  if (value.find('\0') == value.npos) return value;
  return InvalidArgument(
      "the value of {} has a NUL byte, which no environment can hold; leave it "
      "out",
      source.name);
}

absl::StatusOr<v1::Secret> ReadSecret(std::string_view option) {
  TUTTI_ASSIGN_OR_RETURN(const Source source, ParseSource(option));
  TUTTI_ASSIGN_OR_RETURN(std::string value, ReadValue(source));
  return MakeSecret(source.name, std::move(value));
}

// Those of `names` that are none of `others`; both are sorted.
std::vector<std::string> Without(const std::vector<std::string>& names,
                                 const std::vector<std::string>& others) {
  std::vector<std::string> left;
  std::set_difference(names.begin(), names.end(), others.begin(), others.end(),
                      std::back_inserter(left));
  return left;
}

template <typename List>
std::vector<std::string> NamesOf(const List& list) {
  std::vector<std::string> names;
  for (const auto& entry : list) names.push_back(entry.name());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

absl::StatusOr<SecretList> ReadSecrets(
    const std::vector<std::string>& options) {
  std::map<std::string, v1::Secret> by_name;
  for (const std::string& option : options) {
    absl::StatusOr<v1::Secret> secret = ReadSecret(option);
    if (!secret.ok()) return WithPrefix("--secret", secret.status());
    const std::string name = secret->name();
    if (!by_name.emplace(name, *std::move(secret)).second) {
      return InvalidArgument("--secret: {} is there twice; give it once", name);
    }
  }
  SecretList list;
  for (auto& [name, secret] : by_name) *list.Add() = std::move(secret);
  if (absl::Status small = CheckSecretsSize(list); !small.ok()) {
    return WithPrefix("--secret", small);
  }
  return list;
}

bool IsStandardInput(std::string_view option) {
  return option.substr(std::min(option.find('='), option.size())) == "=@-";
}

absl::Status RenewSecrets(const SecretList& secrets, v1::JobSpec& work) {
  const std::vector<std::string> given = NamesOf(secrets);
  const std::vector<std::string> wanted = NamesOf(work.secrets());
  if (const auto missing = Without(wanted, given); !missing.empty()) {
    return InvalidArgument(
        "the job needs its secrets again, which are kept nowhere: {}; give "
        "each, as in --secret {}=@FILE",
        fmt::join(missing, ", "), missing.front());
  }
  if (const auto others = Without(given, wanted); !others.empty()) {
    return InvalidArgument(
        "--secret: the job has none called {}, and a retry does the same as "
        "the job; leave it out",
        fmt::join(others, ", "));
  }
  work.clear_secrets();
  for (const v1::Secret& secret : secrets) {
    *work.add_secrets() = ToVariable(secret);
  }
  return absl::OkStatus();
}

}  // namespace tutti::cli
