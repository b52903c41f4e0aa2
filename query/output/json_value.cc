#include "query/output/json_value.h"

#include <cmath>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/escaping.h"
#include "common/text/utf8.h"

namespace tutti::query {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kBytes[] = "base64";

Json BytesToJson(const std::string& bytes) {
  return {{kBytes, absl::Base64Escape(bytes)}};
}

struct Writer {
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

Json ToJson(const ResultValue& value) { return std::visit(Writer(), value); }

bool IsJsonValue(const Json& json) {
  if (json.is_object()) {
    return json.size() == 1 && json.contains(kBytes) &&
           json[kBytes].is_string();
  }
  return json.is_primitive() && !json.is_boolean();
}

ResultValue FromJson(const Json& json) {
  if (json.is_number_integer()) return json.get<int64_t>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  Blob blob;
  if (!json.is_object() || !IsJsonValue(json) ||
      !absl::Base64Unescape(json[kBytes].get<std::string>(), &blob.bytes)) {
    return std::monostate();
  }
  return blob;
}

}  // namespace tutti::query
