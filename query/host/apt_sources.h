// Repositories that apt is told of (sources.list(5)).
#ifndef QUERY_HOST_APT_SOURCES_H_
#define QUERY_HOST_APT_SOURCES_H_

#include <string>
#include <string_view>
#include <vector>

namespace tutti::query {

struct AptSource {
  // Without a slash at its end.
  std::string uri;
  std::string suite;
};

// Those of binary packages that are not disabled. What is malformed is left
// out.
//
// One a line: "deb [options] uri suite component...".
std::vector<AptSource> ParseAptList(std::string_view text);
// In paragraphs of fields (deb822).
std::vector<AptSource> ParseAptParagraphs(std::string_view text);

// The host and path of its URI: "deb.debian.org/debian".
std::string_view PlaceOf(const AptSource& source);
// How the names of what apt has fetched of it begin:
// "deb.debian.org_debian_dists_bookworm_".
std::string CachePrefix(const AptSource& source);

}  // namespace tutti::query

#endif  // QUERY_HOST_APT_SOURCES_H_
