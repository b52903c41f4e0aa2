#include "common/targets/attributes.h"

#include <algorithm>

#include "common/base/errors.h"
#include "common/targets/condition.h"

namespace tutti {
namespace {

constexpr size_t kMaxLabelBytes = 256;

template <typename Names>
bool Contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsControl(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == 127;
}

}  // namespace

absl::Status CheckLabel(std::string_view name, std::string_view value) {
  if (!IsAttributeName(name)) {
    return InvalidArgument(
        "'{}' can not be the name of a label; those begin with a letter, have "
        "letters, digits and ._-, and are no word like 'all'",
        name.substr(0, kMaxLabelBytes));
  }
  if (Contains(kFactNames, name) || Contains(kBuiltInAttributes, name)) {
    return InvalidArgument("'{}' is a fact; choose another name for the label",
                           name);
  }
  if (value.size() > kMaxLabelBytes ||
      std::any_of(value.begin(), value.end(), IsControl)) {
    return InvalidArgument(
        "the value of label '{}' is {}; write at most {} printable bytes", name,
        value.size() > kMaxLabelBytes ? "too long" : "not printable",
        kMaxLabelBytes);
  }
  return absl::OkStatus();
}

bool SameAttributes(const v1::HostAttributes& a, const v1::HostAttributes& b) {
  const auto same_fact = [](const v1::Fact& x, const v1::Fact& y) {
    return x.name() == y.name() &&
           std::equal(x.values().begin(), x.values().end(), y.values().begin(),
                      y.values().end());
  };
  const auto in_b = [&b](const auto& label) {
    const auto found = b.labels().find(label.first);
    return found != b.labels().end() && found->second == label.second;
  };
  return a.labels().size() == b.labels().size() &&
         std::all_of(a.labels().begin(), a.labels().end(), in_b) &&
         std::equal(a.facts().begin(), a.facts().end(), b.facts().begin(),
                    b.facts().end(), same_fact);
}

}  // namespace tutti
