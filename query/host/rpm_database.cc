#include "query/host/rpm_database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>
#include <memory>

#include "common/base/ascii.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace tutti::query {
namespace {

// rpmTag_e and rpmTagType_e.
enum Tag : uint32_t {
  kSha1 = 269,
  kName = 1000,
  kVersion = 1001,
  kRelease = 1002,
  kEpoch = 1003,
  kInstallTime = 1008,
  kSize = 1009,
  kVendor = 1011,
  kGroup = 1016,
  kArchitecture = 1022,
  kSource = 1044,
  kLongSize = 5009,
};
enum Type : uint32_t { kInt32 = 4, kInt64 = 5, kString = 6, kI18nString = 9 };

// Where distributions keep it, the newer place first.
constexpr std::string_view kPlaces[] = {"/usr/lib/sysimage/rpm/rpmdb.sqlite",
                                        "/var/lib/rpm/rpmdb.sqlite"};
constexpr size_t kCounts = 8, kEntry = 16;

struct DatabaseCloser {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct Finalizer {
  void operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
  }
};
using Handle = std::unique_ptr<sqlite3, DatabaseCloser>;
using Statement = std::unique_ptr<sqlite3_stmt, Finalizer>;

// `bytes` has as many as the number takes.
int64_t BigEndian(std::string_view bytes) {
  uint64_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<uint8_t>(c);
  return static_cast<int64_t>(number);
}

// One number or text of the data; the first of several.
struct Datum {
  std::optional<int64_t> number;
  std::string_view text;
};
std::optional<Datum> ReadDatum(int64_t type, std::string_view data) {
  const size_t size = type == kInt32 ? 4 : type == kInt64 ? 8 : 0;
  if (size != 0) {
    if (data.size() < size) return std::nullopt;
    return Datum{BigEndian(data.substr(0, size)), {}};
  }
  if (type != kString && type != kI18nString) return Datum();
  const size_t end = data.find('\0');
  if (end == data.npos) return std::nullopt;
  return Datum{{}, data.substr(0, end)};
}

void SetTag(int64_t tag, const Datum& datum, RpmPackage& package) {
  switch (tag) {
    case kName:
      package.name = datum.text;
      break;
    case kVersion:
      package.version = datum.text;
      break;
    case kRelease:
      package.release = datum.text;
      break;
    case kArchitecture:
      package.architecture = datum.text;
      break;
    case kVendor:
      package.vendor = datum.text;
      break;
    case kGroup:
      package.group = datum.text;
      break;
    case kSource:
      package.source = datum.text;
      break;
    case kSha1:
      package.sha1 = datum.text;
      break;
    case kEpoch:
      package.epoch = datum.number.value_or(0);
      break;
    case kInstallTime:
      package.install_time = datum.number;
      break;
    case kSize:
    case kLongSize:
      package.size_bytes = datum.number;
      break;
    default:
      break;
  }
}

// As SQLite takes it in a URI.
std::string EscapedPath(std::string_view path) {
  std::string escaped;
  for (const char c : path) {
    const bool plain = IsLetter(c) || IsDigit(c) || c == '/' || c == '.' ||
                       c == '-' || c == '_';
    escaped += plain ? std::string(1, c)
                     : fmt::format("%{:02x}", static_cast<uint8_t>(c));
  }
  return escaped;
}

absl::Status CannotRead(const std::string& path, std::string_view why) {
  return FailedPrecondition("cannot read {}: {}; try `rpm -qa` on the host",
                            path, why);
}

// Without a write-ahead log a database is taken as unchanging: SQLite would
// make files beside it otherwise.
absl::StatusOr<Handle> Open(const std::string& path) {
  std::error_code error;
  const auto log = std::filesystem::file_size(path + "-wal", error);
  const bool has_log = !error && log > 0;
  const std::string uri = fmt::format("file:{}{}", EscapedPath(path),
                                      has_log ? "" : "?immutable=1");
  sqlite3* opened = nullptr;
  const int result = sqlite3_open_v2(
      uri.c_str(), &opened,
      SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
  Handle handle(opened);
  if (result != SQLITE_OK) return CannotRead(path, sqlite3_errstr(result));
  sqlite3_busy_timeout(opened, 1000);
  return handle;
}

absl::StatusOr<Statement> Prepare(sqlite3* database, const std::string& path,
                                  const std::optional<std::string>& name) {
  sqlite3_stmt* prepared = nullptr;
  const int result = sqlite3_prepare_v2(
      database,
      name.has_value()
          ? "SELECT blob FROM Packages WHERE hnum IN (SELECT hnum FROM Name "
            "WHERE key = ?1 OR key = CAST(?1 AS BLOB))"
          : "SELECT blob FROM Packages",
      -1, &prepared, nullptr);
  Statement statement(prepared);
  if (result != SQLITE_OK) return CannotRead(path, sqlite3_errmsg(database));
  if (name.has_value()) {
    sqlite3_bind_text64(prepared, 1, name->data(), name->size(),
                        SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  return statement;
}

}  // namespace

std::optional<RpmPackage> DecodeRpmHeader(std::string_view header) {
  if (header.size() < kCounts) return std::nullopt;
  const auto entries = static_cast<size_t>(BigEndian(header.substr(0, 4)));
  const auto size = static_cast<size_t>(BigEndian(header.substr(4, 4)));
  if (header.size() < kCounts + entries * kEntry + size) return std::nullopt;
  const std::string_view data = header.substr(kCounts + entries * kEntry, size);
  RpmPackage package;
  for (size_t i = 0; i < entries; ++i) {
    const std::string_view entry = header.substr(kCounts + i * kEntry, kEntry);
    const auto offset = static_cast<size_t>(BigEndian(entry.substr(8, 4)));
    // That of the trailer of a region is none.
    if (offset >= data.size()) continue;
    const auto datum =
        ReadDatum(BigEndian(entry.substr(4, 4)), data.substr(offset));
    if (!datum.has_value()) return std::nullopt;
    SetTag(BigEndian(entry.substr(0, 4)), *datum, package);
  }
  if (package.name.empty()) return std::nullopt;
  return package;
}

absl::StatusOr<std::vector<RpmPackage>> ReadRpmDatabase(
    const std::string& root, const std::optional<std::string>& name) {
  std::vector<RpmPackage> packages;
  for (const std::string_view place : kPlaces) {
    const std::string path = root + std::string(place);
    std::error_code error;
    if (!std::filesystem::exists(path, error)) continue;
    TUTTI_ASSIGN_OR_RETURN(const Handle database, Open(path));
    TUTTI_ASSIGN_OR_RETURN(const Statement statement,
                           Prepare(database.get(), path, name));
    int step = sqlite3_step(statement.get());
    for (; step == SQLITE_ROW; step = sqlite3_step(statement.get())) {
      const void* blob = sqlite3_column_blob(statement.get(), 0);
      const int size = sqlite3_column_bytes(statement.get(), 0);
      auto package = DecodeRpmHeader(
          {static_cast<const char*>(blob), static_cast<size_t>(size)});
      if (!package.has_value()) {
        return CannotRead(path, "the header of a package is damaged");
      }
      packages.push_back(*std::move(package));
    }
    if (step != SQLITE_DONE) {
      return CannotRead(path, sqlite3_errmsg(database.get()));
    }
    break;
  }
  return packages;
}

}  // namespace tutti::query
