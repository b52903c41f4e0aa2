#include "query/output/json_rows.h"

#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

#include "absl/strings/escaping.h"
#include "common/base/errors.h"
#include "common/text/utf8.h"

namespace tutti::query {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kBufferBytes = 64 << 10;

Json BytesToJson(const std::string& bytes) {
  return {{"base64", absl::Base64Escape(bytes)}};
}

struct ToJson {
  Json operator()(std::monostate) const { return nullptr; }
  Json operator()(int64_t number) const { return number; }
  Json operator()(double number) const {
    return std::isfinite(number) ? Json(number) : Json(nullptr);
  }
  Json operator()(const std::string& text) const {
    return IsUtf8(text) ? Json(text) : BytesToJson(text);
  }
  Json operator()(const Blob& blob) const { return BytesToJson(blob.bytes); }
};

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
  buffer_ += header.dump() + "\n";
  return absl::OkStatus();
}

absl::Status JsonRows::OnRow(const std::vector<ResultValue>& row) {
  Json values = Json::array();
  for (const ResultValue& value : row) {
    values.push_back(std::visit(ToJson(), value));
  }
  buffer_ += values.dump() + "\n";
  return FlushIfLarge();
}

absl::Status JsonRows::FlushIfLarge() {
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
