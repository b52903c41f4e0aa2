// What rpm knows of the packages of a host: its SQLite database, read without
// rpm's library.
#ifndef QUERY_HOST_RPM_DATABASE_H_
#define QUERY_HOST_RPM_DATABASE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tutti::query {

struct RpmPackage {
  std::string name, version, release, architecture, vendor, group;
  // The file name of its source package.
  std::string source;
  // Of its header, in hexadecimal digits.
  std::string sha1;
  int64_t epoch = 0;
  std::optional<int64_t> size_bytes;
  // In seconds of Unix time.
  std::optional<int64_t> install_time;
};

// A header as the database keeps it: two counts, an index of tags and their
// data, in network byte order. Absent: it is damaged.
std::optional<RpmPackage> DecodeRpmHeader(std::string_view header);

// Of the host whose files stand below `root`; none where rpm has no database in
// SQLite. With `name` only the packages of that name.
absl::StatusOr<std::vector<RpmPackage>> ReadRpmDatabase(
    const std::string& root, const std::optional<std::string>& name);

}  // namespace tutti::query

#endif  // QUERY_HOST_RPM_DATABASE_H_
