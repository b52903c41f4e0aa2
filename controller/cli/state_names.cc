#include "controller/cli/state_names.h"

#include <fmt/ranges.h>
#include <google/protobuf/generated_enum_reflection.h>

#include <algorithm>
#include <vector>

#include "common/base/ascii.h"
#include "common/base/errors.h"
#include "common/jobs/states.h"

namespace tutti::cli {
namespace {

std::string Lower(std::string text) {
  for (char& c : text) c = c == '_' ? '-' : ToLower(c);
  return text;
}

}  // namespace

template <typename State>
absl::StatusOr<State> ParseState(std::string_view option, std::string text) {
  const auto* states = google::protobuf::GetEnumDescriptor<State>();
  const std::string wanted = Lower(std::move(text));
  std::vector<std::string> names;
  // Of 0 nothing is in this state.
  for (int i = 1; i < states->value_count(); ++i) {
    const auto state = static_cast<State>(states->value(i)->number());
    names.push_back(Lower(StateName(state)));
    if (names.back() == wanted) return state;
  }
  return InvalidArgument("{}: there is no state '{}'; use one of {}", option,
                         wanted, fmt::join(names, ", "));
}

template absl::StatusOr<v1::JobState> ParseState(std::string_view option,
                                                 std::string text);
template absl::StatusOr<v1::TaskState> ParseState(std::string_view option,
                                                  std::string text);

}  // namespace tutti::cli
