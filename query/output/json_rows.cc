#include "query/output/json_rows.h"

#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "query/output/json_value.h"

namespace tutti::query {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kBufferBytes = 64 << 10;

// Names of columns stand in the query as they are, which may be no UTF-8.
std::string Line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

absl::Status JsonRows::OnColumns(const std::vector<ResultColumn>& columns) {
  Json names = Json::array();
  Json types = Json::array();
  for (const ResultColumn& column : columns) {
    names.push_back(column.name);
    types.push_back(column.type);
  }
  const Json header = {{"columns", std::move(names)},
                       {"types", std::move(types)}};
  return Add(Line(header));
}

absl::Status JsonRows::OnRow(const std::vector<ResultValue>& row) {
  Json values = Json::array();
  for (const ResultValue& value : row) {
    values.push_back(ToJson(value));
  }
  TUTTI_RETURN_IF_ERROR(Add(Line(values)));
  ++count_;
  return absl::OkStatus();
}

absl::Status JsonRows::Add(const std::string& line) {
  if (line.size() > limit_ - bytes_) {
    return ResourceExhausted(
        "the query gives more than {} of rows, its limit; ask for less, or "
        "raise query_rows_limit in runner.yaml",
        FormatSize(limit_));
  }
  bytes_ += line.size();
  buffer_ += line;
  return buffer_.size() < kBufferBytes ? absl::OkStatus() : Finish();
}

absl::Status JsonRows::Finish() {
  std::string_view left = buffer_;
  while (!left.empty()) {
    const ssize_t written = write(descriptor_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError(errno, "write the rows");
    left.remove_prefix(static_cast<size_t>(written));
  }
  buffer_.clear();
  return absl::OkStatus();
}

}  // namespace tutti::query
