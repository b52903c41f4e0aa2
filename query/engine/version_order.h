// Which of two versions of a package is the newer one.
#ifndef QUERY_ENGINE_VERSION_ORDER_H_
#define QUERY_ENGINE_VERSION_ORDER_H_

#include <string_view>

namespace tutti::query {

// Below 0, 0 or above 0, as dpkg --compare-versions orders them: epoch,
// upstream version and revision, by the rules of Debian Policy, 5.6.12. Any
// text has a place.
int CompareDpkgVersions(std::string_view a, std::string_view b);

// The same of "[epoch:]version[-release]" as rpm orders them (rpmvercmp; `~`
// before and `^` behind everything). An epoch that is missing is 0.
int CompareRpmVersions(std::string_view a, std::string_view b);

}  // namespace tutti::query

#endif  // QUERY_ENGINE_VERSION_ORDER_H_
