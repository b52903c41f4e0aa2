// Files of which a host has many, where one may vanish or be forbidden while
// the others are read: those of processes, of sysfs and of sysctl.
#ifndef QUERY_HOST_OPTIONAL_FILE_H_
#define QUERY_HOST_OPTIONAL_FILE_H_

#include <optional>
#include <string>

namespace tutti::query {

// Its content; absent where it can not be read.
std::optional<std::string> ReadIfReadable(const std::string& path);

// Where a symbolic link points to; absent where there is none to read.
std::optional<std::string> LinkTarget(const std::string& path);

}  // namespace tutti::query

#endif  // QUERY_HOST_OPTIONAL_FILE_H_
