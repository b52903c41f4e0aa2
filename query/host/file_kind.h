// What a path leads to.
#ifndef QUERY_HOST_FILE_KIND_H_
#define QUERY_HOST_FILE_KIND_H_

#include <cstdint>
#include <string>

namespace tutti::query {

enum class FileKind : uint8_t {
  kNone,
  kFolder,
  kLink,
  kOther,
  // It may not be looked at, or its server does not answer.
  kUnknown,
};

// Through symbolic links.
FileKind KindOf(const std::string& path);

}  // namespace tutti::query

#endif  // QUERY_HOST_FILE_KIND_H_
